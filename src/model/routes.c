#include "routes.h"
void routes_compute(struct model *m) { (void)m; }
