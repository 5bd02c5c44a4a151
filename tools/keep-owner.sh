#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs a command. If that is under sudo, the build folder is given back to who
# called it, so that the next `make` needs no sudo.
#
# usage: tools/keep-owner.sh FOLDER COMMAND [ARGUMENT…]
folder=$1
shift
"$@"
status=$?
if [ "$(id -u)" -eq 0 ] && [ -n "${SUDO_UID:-}" ] && [ "$SUDO_UID" != 0 ] && [ -d "$folder" ]; then
	chown -R -h "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$folder"
fi
exit $status
