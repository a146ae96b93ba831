/** Functions of the capture script. POSIX sh. */

/** Messages, addresses, lists. */
export const COMMON = `
say() {
	printf 'worldswitch: %s\\n' "$*" >&2
}

die() {
	say "$@"
	exit 1
}

# address_of SYMBOL: its address, 16 hexadecimal digits; nothing where the kernel does not show one.
address_of() {
	printf '%s\\n' "$symbols" | sed -n "s/^\\([0-9a-f]\\{16\\}\\) [A-Za-z] $1\\$/\\1/p" | head -n 1
}

# list_cpus RANGES: the numbers of a list such as 0-3,6
list_cpus() {
	for range in $(echo "$1" | tr ',' ' '); do
		number=\${range%-*}
		while [ "$number" -le "\${range#*-}" ]; do
			echo "$number"
			number=$((number + 1))
		done
	done
}

# value_of NAME WORDS: the value of the first NAME=value of the words.
value_of() {
	for pair in $2; do
		case $pair in
		"$1="*)
			echo "\${pair#*=}"
			return
			;;
		esac
	done
}`;

/** 64-bit sums. */
export const ARITHMETIC = `
# add64 A B: the sum, modulo 2^64, of two numbers of up to 16 hexadecimal digits; as 16 digits.
# In pieces of 16 bits, because shells differ in what they make of numbers from 2^63.
add64() {
	left=0000000000000000$1
	right=0000000000000000$2
	sum=
	carry=0
	for _ in 1 2 3 4; do
		piece=$((0x\${left#"\${left%????}"} + 0x\${right#"\${right%????}"} + carry))
		carry=$((piece >> 16))
		sum=$(printf '%04x' $((piece & 0xffff)))$sum
		left=\${left%????}
		right=\${right%????}
	done
	echo "$sum"
}

# sub64 A B: A - B; B has all of its 16 digits.
sub64() {
	add64 "$(add64 "$1" "$(echo "$2" | tr 0123456789abcdef fedcba9876543210)")" 1
}

# element A N: the address of element N of an array of 8-byte elements at A.
element() {
	add64 "$1" "$(printf '%x' $(($2 * 8)))"
}`;

/** Reading words of kernel memory. */
export const KERNEL_MEMORY = `
# ask ARGUMENTS: reads kernel memory by the fetch arguments of a kprobe (there may be no /proc/kcore), on a function that
# opening a file calls. Prints name=value words, or nothing.
ask() {
	[ -n "$reader" ] || return 0
	echo "p:worldswitch/ask $reader $1" 2>/dev/null >>"$tracing/kprobe_events" || return 0
	echo 1 >"$instance/events/worldswitch/ask/enable"
	echo 1 >"$instance/tracing_on"
	cat "$root/proc/cmdline" >/dev/null
	echo 0 >"$instance/tracing_on"
	echo 0 >"$instance/events/worldswitch/ask/enable"
	sed -n '/ ask: (/{s/.*) //p;q;}' "$instance/trace"
	: >"$instance/trace"
	echo '-:worldswitch/ask' >>"$tracing/kprobe_events"
}`;

/** Undoing what was set up. */
export const CLEAN_UP = `
# What is set up is undone in any case: the instance first, because a probe in use cannot be removed.
remove_all() {
	if [ -d "$instance" ]; then
		echo 0 >"$instance/tracing_on"
		echo 0 >"$instance/events/enable"
		rmdir "$instance"
		stop_hypervisor
	fi
	for event in worldswitch/ask $1; do
		if grep -q ":$event " "$tracing/kprobe_events"; then
			echo "-:$event" >>"$tracing/kprobe_events"
		fi
	done
}

# The hypervisor's own trace, unless somebody else takes it.
stop_hypervisor() {
	if [ "$hypervisor_is_ours" = 1 ] && [ -w "$hypervisor/tracing_on" ]; then
		echo 0 >"$hypervisor/tracing_on"
		echo 0 >"$hypervisor/events/enable"
	fi
}

# Whose the capture is: the number of this shell, where nobody else can write. A retry after kill -9 finds that it is gone.
owner_file() {
	for directory in "$root/run" "$root/dev"; do
		[ -d "$directory" ] && [ -w "$directory" ] && echo "$directory/worldswitch-capture.pid" && return
	done
}

note_owner() {
	file=$(owner_file)
	[ -z "$file" ] || echo $$ >"$file"
}

forget_owner() {
	file=$(owner_file)
	[ -z "$file" ] || rm -f "$file"
}

# was_killed: the capture that left something behind runs no more. Where nothing says whose it was, it may.
was_killed() {
	file=$(owner_file)
	[ -n "$file" ] && [ -r "$file" ] || return 1
	owner=$(cat "$file")
	case $owner in
	'' | *[!0-9]*) return 1 ;;
	esac
	! kill -0 "$owner" 2>/dev/null
}

# descendants PID: the processes that it has started, and theirs.
descendants() {
	for child in $(grep -l "^PPid:[[:space:]]*$1$" /proc/[0-9]*/status 2>/dev/null | sed 's,^/proc/\\([0-9]*\\)/.*,\\1,'); do
		echo "$child"
		descendants "$child"
	done
}

# stop STATUS: a signal has come. The workload ends, with what it has started, and the capture is written.
stop() {
	trap '' HUP INT TERM
	if [ -n "$workload" ]; then
		family="$workload $(descendants "$workload")"
		kill $family 2>/dev/null
		(sleep 5; kill -9 $family 2>/dev/null) &
		guard=$!
		wait "$workload"
		kill "$guard" 2>/dev/null
		kill -9 $family 2>/dev/null
	fi
	finish
	exit "$1"
}

fp_events() {
	for event in $all_events; do
		echo "fp/$event"
	done
}`;

/** Writing the capture file. */
export const FINISH = `
# counter FILE NAME: a counter of a trace buffer; 0 where it is not there.
counter() {
	count=$(sed -n "s/^$2: *//p" "$1")
	echo "\${count:-0}"
}

# What the buffers hold and what was lost: header lines in $losses, events lost in $lost.
count_losses() {
	losses=
	lost=0
	for directory in "$instance"/per_cpu/cpu*; do
		[ -r "$directory/stats" ] || continue
		cpu=\${directory##*/cpu}
		losses="$losses entries.$cpu=$(counter "$directory/stats" entries)"
		overrun=0
		for name in overrun 'commit overrun' 'dropped events'; do
			overrun=$((overrun + $(counter "$directory/stats" "$name")))
		done
		[ "$overrun" -eq 0 ] || losses="$losses overrun.$cpu=$overrun"
		lost=$((lost + overrun))
	done
	# The third column of kprobe_profile: hits that were not recorded.
	[ -r "$tracing/kprobe_profile" ] || return 0
	while read -r event _ count _; do
		case " $all_events " in
		*" $event "*)
			[ "$count" -eq 0 ] || losses="$losses missed.$event=$count"
			lost=$((lost + count))
			;;
		esac
	done <"$tracing/kprobe_profile"
}

header() {
	mode_line=mode=$mode
	[ "$mode" != unknown ] || mode_line=
	clock_line=clock=$clock
	[ -n "$clock" ] || clock_line=
	for line in format=1 "release=$release" "version=$version" "machine=$machine" $mode_line "cpus=$cpu_count" "cpus_read=$cpus_read" \\
		$clock_line "owners=$owners_from" "btf=$btf_state" $known_header $machine_facts \\
		"nested=$nested" "probes=$probes_set" "probes_missing=$missing" \\
		"tracepoints=$tracepoints_set" "tracepoints_missing=$tracepoints_missing" $losses 'source=worldswitch probes'; do
		echo "# worldswitch-capture: $line"
	done
}

finish() {
	[ "$state" = tracing ] || return 0
	state=finished
	echo 0 >"$instance/tracing_on"
	echo 0 >"$instance/events/enable"
	stop_hypervisor
	count_losses
	{
		header
		cat "$instance/trace"
	} >"$output" || say "cannot write $output"
	[ "$lost" -eq 0 ] || say "$lost events were lost (see the header); a larger WORLDSWITCH_BUFFER_KB helps where the buffer was full"
	grep -q ' vcpu_load: ' "$output" || say 'no vcpu_load was seen: did a VM run?'
	say "wrote $output"
	[ -n "$hypervisor_output" ] || return 0
	{
		echo '# worldswitch-capture: clock=boot'
		cat "$hypervisor/trace"
	} >"$hypervisor_output" || say "cannot write $hypervisor_output"
	say "wrote $hypervisor_output: to be replayed together with $output"
}`;

/** Setting one probe. */
export const PROBE_FUNCTION = `
# probe p|r EVENT FUNCTION ARGUMENTS: sets a kprobe (p) or return probe (r) where the kernel has the function and lets it be probed.
# By echo, which writes a line at once in every shell; the kernel takes a line that comes in pieces for several.
missing=
probes_set=
probe() {
	if [ -z "$(address_of "$3")" ] ||
		! echo "$1:fp/$2 $3" $4 2>/dev/null >>"$tracing/kprobe_events"; then
		missing="\${missing:+$missing,}$2"
	else
		probes_set="\${probes_set:+$probes_set,}$2"
	fi
}`;
