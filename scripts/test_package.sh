#!/usr/bin/env bash
# Makes and checks the Debian package, installs it with apt in a bare Debian 12 without a compiler, and runs the small dataset there.
# Also installs the program into a folder, moves the folder, and runs the program there. Needs root and debootstrap.
source "$(dirname "$0")/common.sh"
source scripts/bare_system.sh

fail() { echo "test_package: $*" >&2; exit 1; }
# finished FOLDER: whether a run wrote its tables.
finished() { grep -q 'HIT@10' "$1/summary.md" 2> /dev/null || fail "no tables in $1"; }

work=$(mktemp -d "${TMPDIR:-/tmp}/latentcrs-package.XXXXXX")
trap 'rm -rf "$work"' EXIT

[[ ${1:-} == --built ]] || ./scripts/build.sh --program
rm -f build/release/latentcrs_*.deb
(cd build/release && cpack -G DEB > cpack.log) || { cat build/release/cpack.log; fail "cpack"; }
packages=(build/release/latentcrs_*.deb)
package=${packages[0]}
dpkg-deb --info "$package" | sed -n 's/^ \(Package\|Version\|Depends\|Installed-Size\): /&/p'
if command -v lintian > /dev/null; then
  # Accepted remarks: no maintainer's address, no bug number of Debian, CPack's call of ldconfig, a dataset in MovieLens's encoding.
  lintian --allow-root --fail-on error,warning --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs,maintscript-calls-ldconfig,national-encoding \
    "$package" || fail "lintian"
fi

# The program is installed into a folder, which is then moved.
cmake --install build/release --prefix "$work/first" > /dev/null
mv "$work/first" "$work/moved"
(cd "$work" && ./moved/bin/latentcrs run -c tiny -q output_dir="$work/moved-run" > /dev/null) || fail "the moved installation does not run"
finished "$work/moved-run"
echo "The moved installation ran to the end."

contents=$(dpkg-deb --contents "$package")
in_package() { grep -q " ./$1$" <<< "$contents"; }
commands=$("$work/moved/bin/latentcrs" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p')
[[ -n $commands ]] || fail "no commands in the help"
for command in "" $commands; do
  page=usr/share/man/man1/latentcrs${command:+-$command}.1.gz
  in_package "$page" || fail "no manual page $page"
done
for file in usr/share/doc/latentcrs/copyright usr/share/doc/latentcrs/changelog.Debian.gz usr/share/latentcrs/configs/tiny.yaml \
  usr/share/bash-completion/completions/latentcrs usr/share/zsh/vendor-completions/_latentcrs \
  usr/lib/latentcrs/liblatentcrs.so usr/lib/cmake/latentcrs/latentcrsConfig.cmake usr/include/latentcrs/recommender.h; do
  in_package "$file" || fail "no $file"
done

# The program is installed as a package.
make_bare_system "$work/system"
cp "$package" "$work/system/root/latentcrs.deb"
cat > "$work/system/root/try.sh" << 'END'
set -eu
apt-get update -qq
apt-get install -qq -y --no-install-recommends /root/latentcrs.deb > /root/apt.log 2>&1 || { tail -20 /root/apt.log; exit 1; }
for tool in cc gcc g++ c++ clang cmake; do
  ! command -v $tool > /dev/null || { echo "the package brought a compiler: $tool"; exit 1; }
done
cd /root
latentcrs --version
latentcrs run -c tiny -q output_dir=/root/run > /dev/null
END
started=$(date +%s)
timed "package" in_bare_system "$work/system" sh /root/try.sh
finished "$work/system/root/run"
seconds=$(($(date +%s) - started))
((seconds < 180)) || fail "$seconds s from the package to the tables; 180 are allowed"
echo "test_package: passed, $seconds s from the package to the tables"
