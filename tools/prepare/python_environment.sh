# Python environment: make .venv and install what a command needs. Sourced by ./run, which defines root, bin and task.
# shellcheck shell=sh disable=SC2154
#
# PyTorch: PyPI's build for x86-64 brings CUDA, about 3 GB to download. Without an NVIDIA GPU the CPU build (about
# 200 MB) is installed first: from TORCH_INDEX, by default PyTorch's own index, or from a folder that pip's
# configuration names (find-links). If neither has it, or if TORCH_INDEX is empty, PyPI's build is installed.

has_nvidia_gpu() {
  [ -e /proc/driver/nvidia/version ] || command -v nvidia-smi >/dev/null
}

pip() {
  env -u PYTHONPATH "$bin/python" -m pip --disable-pip-version-check "$@"
}

pip_install() {  # progress on a terminal, errors only elsewhere
  quiet=-q
  [ ! -t 1 ] || quiet=
  # shellcheck disable=SC2086  # lists of words
  pip install $quiet ${PIP_ARGS:-} "$@"
}

install_cpu_torch() {
  index=${TORCH_INDEX-https://download.pytorch.org/whl/cpu}
  if [ -z "$index" ] || [ "$(uname -m)" != x86_64 ] || has_nvidia_gpu || pip show -q torch 2>/dev/null; then
    return
  fi
  torch=$(sed -n 's/^\(torch==[^; ]*\).*/\1/p' "$root/constraints.txt")
  echo "run: no NVIDIA GPU found, installing the CPU build of $torch" >&2
  # The local version "+cpu" ranks above PyPI's build. Dependencies come from PyPI with all other packages.
  pip_install --no-deps --retries 1 --index-url "$index" "$torch" ||
    echo "run: $index has no CPU build of $torch, installing PyPI's with CUDA (about 3 GB)" >&2
}

# make_environment EXTRAS: a comma-separated list. The stamp holds a checksum of the requirements, and the extras.
make_environment() {
  case ,$1, in *,ros,*)
    [ "$(uname -m)" = x86_64 ] ||
      fail "$task needs ROS 2, whose PyPI packages are for x86-64 only, not $(uname -m): see docs/install.md" ;;
  esac
  if [ "$python" != "$bin/python" ]; then
    echo "run: making the Python environment .venv with Python $version" >&2
    rm -rf "$root/.venv"
    env -u PYTHONPATH "$python" -m venv "$root/.venv" || fail "$python -m venv failed, see above"
  fi
  stamp=$root/.venv/.installed
  sum=$(cat "$root/setup.py" "$root/constraints.txt" | cksum | tr -d ' ')
  installed=$(sed -n "s/^$sum //p" "$stamp" 2>/dev/null || :)
  lacking=$(echo "$1" | tr , '\n' | grep -vxF "$(echo "${installed:-none}" | tr , '\n')" || :)
  [ -n "$lacking" ] || return 0
  extras=$(printf '%s,%s' "$installed" "$1" | tr , '\n' | sed '/^$/d' | sort -u | paste -sd, -)
  case ,$extras, in *,agent,* | *,train,*) install_cpu_torch ;; esac
  echo "run: installing Python packages into .venv" >&2
  pip_install -c "$root/constraints.txt" -e "${root}[$extras]" || fail "pip failed, see above; repeat with ./run $task"
  echo "$sum $extras" > "$stamp"
}
