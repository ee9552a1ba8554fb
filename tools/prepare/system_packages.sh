# System packages: find those that a command lacks and install them. Sourced by ./run, which defines root, bin and task.
# shellcheck shell=sh disable=SC2154

supported_versions="3.10 3.11 3.12 3.13 3.14"

# is_supported PYTHON: set `version` to its X.Y; fail if it does not run or is not a supported version.
is_supported() {
  version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
  case " $supported_versions " in *" $version "*) ;; *) return 1 ;; esac
}

# find_python: set `python` to that of a complete .venv, else PYTHON, else the first on PATH; empty if there is none.
find_python() {
  if [ -e "$bin/pip" ] && is_supported "$bin/python"; then
    python=$bin/python own_version=$version
    [ -n "${PYTHON:-}" ] && is_supported "$PYTHON" && [ "$version" != "$own_version" ] &&
      fail "PYTHON=$PYTHON is Python $version, .venv has $own_version: remove .venv first (./run clean)"
    version=$own_version
    return 0
  fi
  for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python3.10}; do
    if is_supported "$python"; then return; fi
  done
  python='' version=''
  [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is not a Python of version 3.10 to 3.14"
  if command -v python3 >/dev/null; then
    fail "no Python of version 3.10 to 3.14 on PATH, python3 is $(python3 -V 2>&1): install one and name it," \
      "PYTHON=/path/to/python ./run $task"
  fi
}

has_library() {
  PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -qF "$1 "
}

# is_present PACKAGE: the files that the package provides are there, from a package or from elsewhere.
is_present() {
  case $1 in
    python3) [ -n "$python" ] ;;
    python3-venv) [ "$python" = "$bin/python" ] || "$python" -c 'import ensurepip, venv' 2>/dev/null ;;
    python3-dev)
      "$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' 2>/dev/null ;;
    g++ | git) command -v "$1" >/dev/null ;;
    chromium)  # tests of the page; only Debian has it as a package (that of Ubuntu installs a snap)
      command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
        ! grep -q '^ID=debian$' /etc/os-release 2>/dev/null ;;
    libgomp1) has_library libgomp.so.1 ;;
    libegl1) has_library libEGL.so.1 ;;
    libopengl0) has_library libOpenGL.so.0 || has_library libGL.so.1 ;;
    libportaudio2) has_library libportaudio.so.2 ;;
    libgl1-mesa-dri)  # a driver for libEGL: NVIDIA's, or Mesa's, whose file names differ between distributions
      has_library libEGL_nvidia.so.0 || ! command -v dpkg-query >/dev/null ||
        dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
    *) fail "tools/prepare/system_packages.sh has no test for the package $1" ;;
  esac
}

# find_missing PACKAGE...: set `missing` to the names, as apt has them, of the packages that are not present.
find_missing() {
  missing=
  find_python
  for package; do
    is_present "$package" && continue
    case $package in  # each version of Python has packages of its own
      python3-*) package=python${version:-3}${package#python3} ;;
    esac
    missing="$missing $package"
  done
  missing=${missing# }
}

# install_packages PACKAGE...: install those that are not present; fail with one line where that is impossible.
install_packages() {
  find_missing python3 python3-venv "$@"
  [ -n "$missing" ] || return 0
  needs="$task needs system packages that are missing: $missing"
  command -v apt-get >/dev/null ||
    fail "$needs (names in Debian; there is no apt-get here: install the equivalents, then repeat ./run $task)"
  as_root=
  if [ "$(id -u)" != 0 ]; then
    as_root=sudo
    { command -v sudo && { [ -t 0 ] || sudo -n true; }; } >/dev/null 2>&1 ||
      fail "$needs. As root: apt-get install --no-install-recommends $missing"
  fi
  echo "run: $task needs system packages, installing: $missing" >&2
  # shellcheck disable=SC2016,SC2086  # the inner shell expands $@; lists of words
  $as_root sh -c 'apt-get update -q || echo "run: apt-get update failed, using the package lists at hand" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y -o Dpkg::Use-Pty=0 --no-install-recommends "$@"' sh $missing ||
    fail "$needs; apt-get failed, see above"
  find_missing python3 python3-venv "$@"
  [ -z "$missing" ] || fail "$task needs $missing, which is not found after the installation"
}
