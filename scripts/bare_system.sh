# Sourced by scripts that try latentcrs on a bare Debian 12 (made by debootstrap, without a compiler) in a folder. They run as root.
# The system is made once and kept in build/bare-debian-12.tar.

# Prints the mirror that DEBIAN_MIRROR names, or else the one that apt uses on this machine.
debian_mirror() {
  local mirror=${DEBIAN_MIRROR:-}
  [[ -n $mirror ]] || mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+) .*/\2/p' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2> /dev/null | head -n 1)
  [[ -n $mirror ]] || { echo "No mirror in /etc/apt: set DEBIAN_MIRROR to one of Debian's." >&2; return 1; }
  echo "$mirror"
}

# make_bare_system FOLDER: makes the bare system in the folder.
make_bare_system() {
  local base=build/bare-debian-12.tar
  ((EUID == 0)) || { echo "Run this as root: debootstrap and chroot need it." >&2; return 1; }
  command -v debootstrap > /dev/null || { echo "Install debootstrap: apt-get install debootstrap" >&2; return 1; }
  mkdir -p build "$1"
  if [[ ! -f $base ]]; then
    debootstrap --variant=minbase bookworm "$1/system" "$(debian_mirror)"
    tar -C "$1/system" -cf "$base.new" .
    mv "$base.new" "$base"
    rm -rf "$1/system"
  fi
  tar -C "$1" -xf "$base"
  cp /etc/resolv.conf "$1/etc/resolv.conf"
}

# in_bare_system FOLDER COMMAND...: runs the command in the system, with /proc, and then ends the processes that it started.
in_bare_system() {
  unshare --mount --pid --fork --kill-child bash -c '
    mount -t proc proc "$0/proc"
    exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"' "$@"
}

# copy_tree FOLDER: copies the files of this checkout, with uncommitted changes, to the folder.
copy_tree() {
  mkdir -p "$1"
  git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    [[ ! -e $file ]] || printf '%s\0' "$file"
  done | tar --null -T - -cf - | tar -C "$1" -xf -
}

# timed NAME COMMAND...: runs the command and prints how long it took, and its processor time.
timed() {
  local name=$1 result=0 before after
  shift
  before=$(date +%s)
  TIMEFORMAT="$name: %U s of processor time in the program, %S s in the system"
  time "$@" || result=$?
  after=$(date +%s)
  echo "$name: $((after - before)) s on the clock, $(nproc) cores"
  return "$result"
}
