# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A network of several bridges, each in a namespace of its own: older kernels are particular about the ifindexes of cables between
# namespaces.

need ip

nsloom gen star 520 >nsloom.yaml
check 'a network of 520 nodes' nsloom up --quiet
is 'on two bridges, each in a namespace' '@fabric @fabric+1' "$(cd /run/nsloom/star/ns && echo @*)"
check 'nothing is left to do' nsloom plan --exit-code
check 'from one to the other' nsloom exec n1 -- ping -q -c1 -W5 10.0.2.8
nsloom gen star 530 >nsloom.yaml
check 'it grows' nsloom up --quiet
check 'nothing is left to do' nsloom plan --exit-code
check 'from the new to the old' nsloom exec n530 -- ping -q -c1 -W5 10.0.0.1
check 'down' nsloom down --quiet
is 'and nothing is left' '' "$(ip -br link show type veth; ls /run/nsloom 2>/dev/null)"
