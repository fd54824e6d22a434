#!/usr/bin/env bash
# torchrun of Debian 12 (python3-torch 1.13.1+dfsg-4, with Debian's own Python 3.11) starts no process with its default options. It ends with
# AttributeError: 'NoneType' object has no attribute 'get'.
#
# torchrun turns the defaults "--redirects 0" and "--tee 0" into members of an IntFlag by going through its members. Since Python 3.11 such a
# loop leaves out the member of value 0 and combined ones (3 = 1 | 2), so that "0" and "3" become None. Values of a single bit still work:
# with "-r 2 -t 2" (standard error through a file and shown) the same command starts its processes. The long options have underscores in this
# version: --nproc-per-node is refused.
#
# Fails if any of this is no longer so. Needs apt-get with Debian 12's sources; writes into a temporary folder only. Takes about a minute.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
packages=(python3-torch libtorch1.13 libtorch-test python3-numpy python3-typing-extensions python3-yaml python3-six python3-future)
apt-get download "${packages[@]}" > download.log 2>&1 || { cat download.log; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
export PYTHONPATH=$folder/root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu
torchrun() { timeout 300 /usr/bin/python3.11 -m torch.distributed.run "$@" > output 2>&1; }
hello=(sh -c 'echo "process $RANK of $WORLD_SIZE"')

/usr/bin/python3.11 -c 'import sys, torch; print("torch", torch.__version__, "with Python", sys.version.split()[0])'

torchrun --nproc_per_node 2 --no_python "${hello[@]}" && { echo "the default options work now:"; cat output; exit 1; }
grep -q "process 0 of 2" output && { echo "a process was started:"; cat output; exit 1; }
grep "AttributeError: 'NoneType' object has no attribute 'get'" output
echo "With the default options torchrun started nothing."

torchrun --nproc_per_node 2 --no_python -r 2 -t 2 "${hello[@]}" || { echo "with -r 2 -t 2 it failed:"; cat output; exit 1; }
grep "process . of 2" output | sort
[[ $(grep -c "process . of 2" output) == 2 ]] || { echo "not both processes were started"; exit 1; }
echo "With -r 2 -t 2 it started both."

torchrun --nproc-per-node 2 --no_python -r 2 -t 2 "${hello[@]}" && { echo "the option with dashes works now"; exit 1; }
grep "unrecognized arguments: --nproc-per-node" output
