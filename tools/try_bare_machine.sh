#!/bin/sh
# Run command lines in a minimal Debian root that holds a shell, apt, git and a clone of this checkout's last commit.
#
#   tools/try_bare_machine.sh './run demo' './run test'
#   tools/try_bare_machine.sh --suite trixie --with python3 './run demo'
#   tools/try_bare_machine.sh --user './run demo'        as a user who may not install packages
#   tools/try_bare_machine.sh --out folder './run demo && cp -r demo /out'
#
# Needs root, debootstrap and unshare. The base system is made once for each suite and kept in /var/tmp/bare-machine;
# changes go into an overlay that is deleted at the end. Certificates, proxy and pip's configuration are those of this
# machine. ../shared, where tests find data, is there too, read-only, if this machine has it.
# Exit status: that of the first command line that fails; 3 if no such root can be made here.
set -eu

refuse() {
  echo "try_bare_machine: $*" >&2
  exit 3
}

suite=bookworm with='' user=root out=''
while [ $# -gt 0 ]; do
  case $1 in
    --suite) suite=$2; shift 2 ;;
    --with) with="$with $2"; shift 2 ;;
    --out) mkdir -p "$2"; out=$(cd "$2" && pwd); shift 2 ;;
    --user) user=nobody; shift ;;
    -*) refuse "unknown option: $1" ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2; }
source=$(cd "$(dirname "$0")/.." && pwd)
cache=${BARE_MACHINE_CACHE:-/var/tmp/bare-machine}
base=$cache/$suite
PATH=$PATH:/usr/sbin:/sbin

make_base() {
  [ "$(id -u)" = 0 ] || refuse "needs root"
  for program in debootstrap unshare chroot; do
    command -v $program >/dev/null || refuse "needs $program (apt-get install debootstrap util-linux coreutils)"
  done
  unshare --mount --pid --fork true 2>/dev/null || refuse "may not make namespaces (unshare failed)"
  [ ! -e "$base.complete" ] || return 0
  mkdir -p "$cache"
  rm -rf "$base"
  debootstrap --variant=minbase --include=git,ca-certificates "$suite" "$base" >"$base.log" 2>&1 ||
    refuse "debootstrap failed: $(tail -1 "$base.log") ($base.log)"
  touch "$base.complete"
}

share() {  # PATH [TARGET]: a file or folder of this machine, read-only
  target=$machine${2:-$1}
  mkdir -p "$(dirname "$target")"
  if [ -d "$1" ]; then mkdir -p "$target"; elif [ ! -e "$target" ]; then touch "$target"; fi
  mount --bind -o ro "$1" "$target"
}

paths_of_pip() {  # what pip's configuration names: certificates, find-links, indexes on disk
  python3 -m pip config list 2>/dev/null | tr "'" ' ' | grep -oE '(file://)?/[^ ]+' | sed 's#^file://##; s#/simple/*$##'
}

enter() {  # USER COMMAND_LINE: the environment of a login, and what the network needs
  # shellcheck disable=SC2046  # one word a variable: none of these has blanks
  env -i $(env | grep -iE '^((https?|no|all)_proxy|PIP_[A-Z_]*|SSL_CERT_FILE|CI)=[^ ]*$') HOME=/root TERM=dumb \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    chroot --userspec="$1" "$machine" /bin/sh -c "cd /src/speech_gesture_ros && $2" </dev/null
}

run_inside() {  # in namespaces of its own: mounts and processes end with it
  machine=$1/root
  shift
  mount -t overlay overlay -o "lowerdir=$base,upperdir=$layers/upper,workdir=$layers/work" "$machine" ||
    refuse "may not mount an overlay on $machine"
  mount -t proc proc "$machine/proc"
  mount -t tmpfs tmpfs "$machine/dev/shm"
  mount -t devpts devpts "$machine/dev/pts"
  cp /etc/resolv.conf /etc/hosts "$machine/etc/"
  for path in $({ echo /etc/pip.conf /etc/xdg/pip "$HOME/.config/pip" /etc/ssl/certs/ca-certificates.crt; paths_of_pip; } |
                tr ' ' '\n' | sort -u); do
    [ ! -e "$path" ] || share "$path"
  done
  git clone -q --no-hardlinks "$source" "$machine/src/speech_gesture_ros"
  chown -R "$user" "$machine/src/speech_gesture_ros"
  [ ! -d "$source/../shared" ] || share "$source/../shared" /src/shared
  [ -z "$out" ] || { mkdir "$machine/out"; mount --bind "$out" "$machine/out"; }
  [ -z "$with" ] ||
    enter root "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends$with" >/dev/null
  for line; do
    echo "# $line"
    enter "$user" "$line"
  done
}

if [ -n "${BARE_MACHINE_LAYERS:-}" ]; then
  layers=$BARE_MACHINE_LAYERS
  unset BARE_MACHINE_LAYERS
  run_inside "$layers" "$@"
  exit
fi
make_base
layers=$(mktemp -d "$cache/run.XXXXXX")
trap 'rm -rf --one-file-system "$layers"' EXIT
trap 'exit 130' INT TERM
mkdir "$layers/upper" "$layers/work" "$layers/root"
[ $user = root ] || set -- --user "$@"
for package in $with; do set -- --with "$package" "$@"; done
[ -z "$out" ] || set -- --out "$out" "$@"
BARE_MACHINE_LAYERS=$layers unshare --mount --propagation private --pid --fork --kill-child \
  "$0" --suite "$suite" "$@"
