#!/bin/sh
# Installs what the tests need besides Python: a Redis server, a browser, network namespaces, Go.
# Says which package is missing where it may not install anything.
set -eu

missing=""
have() { command -v "$1" >/dev/null 2>&1; }
need() { have "$1" || missing="$missing $2"; }

need redis-server redis-server
need redis-sentinel redis-sentinel
have chromium || have chromium-browser || have google-chrome || missing="$missing chromium"
need ip iproute2
need iptables iptables
need openssl openssl

if [ -n "$missing" ]; then
  if have apt-get && [ "$(id -u)" = 0 ]; then
    echo "installing:$missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    # the server of the tests is their own: that of the package is not to start
    [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; made=1; }
    # shellcheck disable=SC2086
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing; } >&2 || failed=1
    [ -z "${made:-}" ] || rm -f /usr/sbin/policy-rc.d
    [ -z "${failed:-}" ] || { echo "the tests need:$missing, which could not be installed" >&2; exit 1; }
  else
    echo "the tests need:$missing (names of Debian's packages); install them, as with: sudo apt-get install$missing" >&2
    exit 1
  fi
fi

have go || { echo "the tests need Go 1.26 or newer: https://go.dev/dl" >&2; exit 1; }
