/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view.css and view.js, which tools/embed.py makes strings of. */
#ifndef MAP_VIEW_H
#define MAP_VIEW_H

extern const char view_css[], view_js[];

#endif
