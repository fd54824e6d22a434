#!/usr/bin/env bash
# gcc of Debian 12 (gcc-12 12.2.0-14+deb12u1) compiles its own intrinsics for AMX as if they read no memory. With -O2 it drops what a program
# has stored just before:
#
#   - an array that is filled and then given to _tile_loadd: the tile is loaded from memory that was never written;
#   - a store between two _tile_loadd of the same address;
#   - all of a tile configuration but its first 17 bytes, so that _tile_loadconfig takes rows and lengths of rows from whatever lay there.
#
# There is no warning, and nothing happens with -O0. The macros of amxtileintrin.h are assembler statements without memory among their operands or
# clobbers; _tile_stored has that clobber. A program is safe if it fences the compiler (atomic_signal_fence) before it loads tiles, fills memory
# that others can see (not a local array), and takes its configuration from a constant.
#
# Fails if any of this is no longer so. Needs apt-get with Debian 12's sources, no processor with AMX; writes into a temporary folder only. Takes
# seconds.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
packages=(gcc-12=12.2.0-14+deb12u1 cpp-12=12.2.0-14+deb12u1 libgcc-12-dev=12.2.0-14+deb12u1 libc6-dev linux-libc-dev libisl23 libmpc3 libmpfr6
          libgmp10 libzstd1)
apt-get download "${packages[@]}" > download.log 2>&1 || { cat download.log; exit 1; }
for package in *.deb; do dpkg -x "$package" root; done
compile() {
  LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu root/usr/bin/x86_64-linux-gnu-gcc-12 "$@" -mamx-tile -Wall -Wextra -S -o - \
    -isystem root/usr/include -isystem root/usr/include/x86_64-linux-gnu program.c | grep -P '^\t[a-z]' | grep -vP '^\t\.'
}
LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu root/usr/bin/x86_64-linux-gnu-gcc-12 --version | head -1

cat > program.c << 'END'
#include <immintrin.h>
void load_sevens(void) {
  short numbers[512];
  for (int i = 0; i < 512; ++i) numbers[i] = 7;
  _tile_loadd(0, numbers, 64);
}
END
compile -O2 > optimised
compile -O0 > plain
echo "An array is filled with 7 and loaded; instructions that hold a 7 or write the array:"
echo "  -O0: $(grep -c 'movw' plain), -O2: $(grep -cE 'movw|movaps|movups|movdqa|\$7|\.LC' optimised || true)"
grep -q 'movw.*\$7' plain || { echo "-O0 stores nothing now"; exit 1; }
grep -qE 'movw|movaps|movups|movdqa|\$7|\.LC' optimised && { echo "-O2 keeps the stores now:"; cat optimised; exit 1; }
grep -q tileloadd optimised

cat > program.c << 'END'
#include <immintrin.h>
void load_twice(short* numbers, short second) {
  _tile_loadd(0, numbers, 64);
  numbers[0] = second;
  _tile_loadd(1, numbers, 64);
  numbers[0] = 1;
}
END
compile -O2 > optimised
echo "A number is stored between two loads of its tile; what -O2 makes of it:"
sed 's/^/  /' optimised
[[ $(grep -cE '^.mov[wl].*\(%rdi\)' optimised) == 1 ]] || { echo "both stores are there now"; exit 1; }

cat > program.c << 'END'
#include <immintrin.h>
struct shape { unsigned char palette, start, reserved[14]; unsigned short bytes[16]; unsigned char rows[16]; };
void configure(void) {
  struct shape shape = {.palette = 1, .bytes = {64, 64}, .rows = {16, 16}};
  _tile_loadconfig(&shape);
}
END
compile -O2 > optimised
echo "Tiles of 16 rows of 64 bytes are configured; what -O2 makes of it:"
sed 's/^/  /' optimised
grep -q ldtilecfg optimised
grep -qE '\$64|\$16|\$4112|\$4194368' optimised && { echo "rows or bytes are stored now"; exit 1; }
echo "Neither the rows nor the lengths of rows are stored."
