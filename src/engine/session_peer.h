/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The far end of the SSH connection that this process was started over, so that no lab cuts it. */
#ifndef ENGINE_SESSION_PEER_H
#define ENGINE_SESSION_PEER_H

#include "ip.h"

/* !set where there is none, or none that can be told. */
struct ip session_peer(void);

#endif
