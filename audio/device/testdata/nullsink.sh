#!/usr/bin/env bash
# nullsink.sh [back end...]: runs this package's tests on a real PulseAudio server that has only a null sink,
# whose monitor is the default input: what is played is heard. Back ends: pulse portaudio (default: both).
# Needs pulseaudio, pulseaudio-utils, and for PortAudio a C compiler, portaudio19-dev and libasound2-plugins.
# With NULLSINK_RUN set, that command runs on the server instead of the tests, where this script was called.
set -euo pipefail
called=$PWD
cd "$(dirname "$0")/.."

tmp=$(mktemp -d)
server=
cleanup() {
	[ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || true
	rm -rf "$tmp"
}
trap cleanup EXIT

# Build before HOME moves: the build cache lives there.
backends=("${@:-pulse portaudio}")
[ -z "${NULLSINK_RUN:-}" ] || backends=()
for b in ${backends[*]}; do
	case $b in
	pulse) go test -c -o "$tmp/pulse.test" . ;;
	portaudio) CGO_ENABLED=1 go test -c -tags portaudio -o "$tmp/portaudio.test" . ;;
	*) echo "nullsink.sh: unknown back end $b" >&2; exit 2 ;;
	esac
done

export XDG_RUNTIME_DIR=$tmp/run XDG_CONFIG_HOME=$tmp/config
realhome=$HOME
export HOME=$tmp
mkdir -m 700 "$XDG_RUNTIME_DIR"
unset PULSE_SERVER PULSE_RUNTIME_PATH PULSE_COOKIE DISPLAY
# ALSA, through which PortAudio speaks, sends everything to PulseAudio.
printf 'pcm.!default { type pulse }\nctl.!default { type pulse }\n' >"$HOME/.asoundrc"

pulseaudio -n --daemonize=no --exit-idle-time=-1 --disallow-exit --use-pid-file=no --log-target=stderr --log-level=error \
	-L "module-null-sink sink_name=null rate=48000 channels=2 norewinds=1" \
	-L "module-native-protocol-unix" >"$tmp/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
	pactl info >/dev/null 2>&1 && break
	kill -0 "$server" || { cat "$tmp/server.log" >&2; exit 1; }
	sleep 0.1
done
pactl set-default-source null.monitor

if [ -n "${NULLSINK_RUN:-}" ]; then
	(cd "$called" && HOME=$realhome PARLEY_AUDIO_TEST=1 bash -c "$NULLSINK_RUN")
	exit
fi
for b in ${backends[*]}; do
	echo "== audio/device on a null sink: $b"
	PARLEY_AUDIO_TEST=1 "$tmp/$b.test" -test.v -test.timeout 120s 2>"$tmp/alsa.log" || { cat "$tmp/alsa.log" >&2; exit 1; }
done
