/** What the capture script does, in order. POSIX sh; the functions are in shell-functions.ts. */

/** Options, and whether this host can be traced with this script. */
export const CHECKS = `
root=\${WORLDSWITCH_ROOT:-}
output=
state=starting
while [ $# -gt 0 ]; do
	case $1 in
	-o)
		[ $# -ge 2 ] || die '-o takes a file name'
		output=$2
		shift 2
		;;
	-h | --help)
		sed -n '2,/^set/{/^#/p;}' "$0"
		exit 0
		;;
	--remove)
		state=removing
		shift
		;;
	--)
		shift
		break
		;;
	-*) die "unknown option $1" ;;
	*) break ;;
	esac
done

# Applets that a BusyBox needs to have.
absent=
for program in cat grep head id mkdir rm rmdir sed sleep tr; do
	command -v "$program" >/dev/null 2>&1 || absent="$absent $program"
done
[ -z "$absent" ] || die "not on this host:$absent. Needed are cat grep head id mkdir rm rmdir sed sleep tr, which BusyBox has as applets; cksum, dmesg, uname and wc are used where they are there"

[ "$(id -u)" = 0 ] || die 'must be run as root'
case $(cat "$root/sys/kernel/security/lockdown" 2>/dev/null) in
*'[confidentiality]'*) die 'the kernel is locked down for confidentiality, which forbids tracing with kprobes: it has to be booted with lockdown=integrity, or without lockdown' ;;
esac
tracing=
for directory in "$root/sys/kernel/tracing" "$root/sys/kernel/debug/tracing"; do
	[ -w "$directory/kprobe_events" ] && tracing=$directory && break
done
[ -n "$tracing" ] || die 'no kprobe events: the kernel needs CONFIG_KPROBE_EVENTS, and tracefs to be mounted: mount -t tracefs nodev /sys/kernel/tracing'
instance=$tracing/instances/worldswitch
hypervisor=$tracing/remotes/hypervisor
hypervisor_is_ours=0
hypervisor_output=
if [ "$state" = removing ]; then
	hypervisor_is_ours=1
	remove_all "$(fp_events)"
	forget_owner
	exit 0
fi

release=$(uname -r 2>/dev/null) || release=$(cat "$root/proc/sys/kernel/osrelease")
version=$(uname -v 2>/dev/null) || version=$(cat "$root/proc/sys/kernel/version")
# Without uname, the kernel's symbols tell: no other machine has them.
machine=$(uname -m 2>/dev/null) || machine=aarch64
[ "$machine" = aarch64 ] || die "this is a $machine machine, not an arm64 one"
[ -e "$root/dev/kvm" ] || die 'no /dev/kvm: KVM did not start on this host'
if [ -d "$instance" ] || grep -q ':fp/' "$tracing/kprobe_events"; then
	was_killed || die "another capture is running, or one was killed; in the second case: sh $0 --remove"
	say 'the last capture was killed: what it left behind is removed'
	hypervisor_is_ours=1
	remove_all "$(fp_events)"
	hypervisor_is_ours=0
	forget_owner
fi
btf_state=none
if [ -n "$btf_checksum" ]; then
	btf_state=unverified
	another='this script was written for another kernel: its BTF differs from /sys/kernel/btf/vmlinux, so the offsets would be wrong'
	if [ -r "$root/sys/kernel/btf/vmlinux" ] && command -v cksum >/dev/null 2>&1; then
		btf_state=verified
		case $(cksum <"$root/sys/kernel/btf/vmlinux") in
		"$btf_checksum" | "$btf_checksum "*) ;;
		*) die "$another" ;;
		esac
	elif [ -r "$root/sys/kernel/btf/vmlinux" ]; then
		if command -v wc >/dev/null 2>&1; then
			[ "$(($(wc -c <"$root/sys/kernel/btf/vmlinux")))" = "\${btf_checksum#* }" ] || die "$another"
		fi
		say 'no cksum on this host: of the BTF at most the size is compared with that of the kernel that this script was written for'
	else
		say 'no /sys/kernel/btf/vmlinux: cannot check that this script was written for this kernel'
	fi
fi

symbols=$(grep -E " [A-Za-z] ($wanted_symbols)\\$" "$root/proc/kallsyms")
case $(address_of kvm_arch_vcpu_load) in
'') die 'no kvm_arch_vcpu_load in /proc/kallsyms: this kernel has no KVM' ;;
*[!0]*) ;;
*) die 'the kernel hides its addresses: sysctl kernel.kptr_restrict=0' ;;
esac
reader=
for name in $readers; do
	[ -z "$reader" ] && [ -n "$(address_of "$name")" ] && reader=$name
done`;

/** CPUs, mode, and where per-CPU data are. */
export const FIND_OUT = `
online=$(list_cpus "$(cat "$root/sys/devices/system/cpu/online")")
cpus=
cpu_count=0
read_count=0
for cpu in $online; do
	cpu_count=$((cpu_count + 1))
	if [ "$read_count" -lt "$max_cpus" ] && { [ "$asked_cpus" -eq 0 ] || [ "$cpu" -lt "$asked_cpus" ]; }; then
		cpus="$cpus $cpu"
		read_count=$((read_count + 1))
	fi
done
cpus_read=$(echo "$cpus" | sed 's/^ //; s/ /,/g')
[ "$read_count" -eq "$cpu_count" ] || say "the state of $read_count of $cpu_count CPUs is read; a VM is best kept on those"

mkdir "$instance" || die "cannot make $instance"
workload=
trap 'remove_all "$(fp_events)"; forget_owner' EXIT
trap 'stop 129' HUP
trap 'stop 130' INT
trap 'stop 143' TERM
note_owner
echo 0 >"$instance/tracing_on"

# First question: memory of the kernel proper, which can be read in every mode.
question=
want() {
	[ -z "$2" ] || question="$question $1=@0x$2:$3"
}
offsets=$(address_of __per_cpu_offset)
for cpu in $cpus; do
	[ -z "$offsets" ] || want "offset$cpu" "$(element "$offsets" "$cpu")" x64
done
# The first member of a static key is the number of its users: not 0 once pKVM has taken the host's privileges.
want protected "$(address_of kvm_protected_mode_initialized)" s32
want brps "$(address_of core_num_brps)" s32
want wrps "$(address_of core_num_wrps)" s32
vl_info=$(address_of vl_info)
if [ -n "$vl_info" ] && [ -n "$sve_max_vl_offset" ]; then
	want sve_vl "$(add64 "$vl_info" "$sve_max_vl_offset")" s32
	want sme_vl "$(add64 "$vl_info" "$sme_max_vl_offset")" s32
fi
want pmu "$(address_of kvm_arm_pmu_available)" s32
known=$(ask "$question")

protected=$(value_of protected "$known")
nested=0
case $(cat "$root/proc/cmdline") in
*kvm[-_]arm.mode=protected*) protected=1 ;;
*kvm[-_]arm.mode=nested*) nested=1 ;;
esac
log=$(dmesg 2>/dev/null | grep -E '[hn]VHE mode initialized|maximum available vector length')
case $log in
*'Protected '[hn]'VHE mode initialized'*) protected=1 ;;
esac

# Second question: where EL2 keeps its per-CPU data. Only where there is no pKVM: the array belongs to EL2 there.
bases=$(address_of __kvm_nvhe_kvm_arm_hyp_percpu_base)
[ -n "$bases" ] || bases=$(address_of kvm_arm_hyp_percpu_base)
hyp=
if [ "$protected" = 0 ] && [ -n "$bases" ]; then
	question=
	for cpu in $cpus; do
		want "base$cpu" "$(element "$bases" "$cpu")" x64
	done
	hyp=$(ask "$question")
fi

is_hvhe() {
	case $asked_mode:$log in
	hvhe:* | *'hVHE mode initialized'*) return 0 ;;
	esac
	grep -q 'arm64_sw.hvhe=1' "$root/proc/cmdline"
}

# EL2 has per-CPU data of its own in every mode but VHE (init_hyp_mode in arch/arm64/kvm/arm.c).
if [ "\${protected:-0}" != 0 ]; then
	mode=pkvm
elif [ -z "$hyp" ]; then
	# No symbols of data. The exception level that the kernel runs at is in PSTATE.M of any probe: EL2 is VHE.
	case $(value_of pstate "$(ask 'pstate=%pstate:x64')") in
	*[89]) mode=vhe ;;
	*[45]) mode=nvhe ;;
	*) mode=\${asked_mode:-unknown} ;;
	esac
	[ "$mode" != nvhe ] || ! is_hvhe || mode=hvhe
elif [ -z "$(echo "$hyp" | sed 's/base[0-9]*=0x//g; s/[ 0]//g')" ]; then
	mode=vhe
elif is_hvhe; then
	mode=hvhe
else
	mode=nvhe
fi
case $asked_mode:$mode in
:* | vhe:vhe | nvhe:nvhe | nvhe:hvhe | hvhe:hvhe | pkvm:pkvm | *:unknown) ;;
pkvm:*) say "asked for pkvm, but this host runs in $mode mode: the hypervisor's memory is not read all the same" ;;
*:pkvm) say 'this host runs protected KVM, whatever was asked for' ;;
*) die "the script was written for $asked_mode mode, but this host runs in $mode mode" ;;
esac
[ "$mode" != pkvm ] || say "protected KVM: the hypervisor's kvm_host_data is not read, that would panic the host; o0, o1, ... are the kernel's own copy"`;

/** Fetch arguments of per-CPU fields, and facts of the machine. */
export const ADDRESSES = `
# A fetch-argument offset is 32 bits wide, so per-CPU fields are read at absolute addresses.
# kernel_instance FIELD CPU: where CPU has a field of a per-CPU variable of the kernel whose linked address is FIELD, or nothing.
kernel_instance() {
	offset=$(value_of "offset$2" "$known")
	[ -z "$1" ] || [ -z "$offset" ] || add64 "$1" "\${offset#0x}"
}

# hyp_instance FIELD CPU: the same for the hypervisor, FIELD being the offset in its per-CPU data.
hyp_instance() {
	base=$(value_of "base$2" "$hyp")
	case $base in
	0x*[1-9a-f]*) [ -z "$1" ] || add64 "$1" "\${base#0x}" ;;
	esac
}

owners=
owners_from=none
lasts=
if [ -n "$owner_offset" ]; then
	kernel_field=$(address_of kvm_host_data)
	[ -z "$kernel_field" ] || kernel_field=$(add64 "$kernel_field" "$owner_offset")
	hyp_field=$(address_of __kvm_nvhe_kvm_host_data)
	start=$(address_of __kvm_nvhe___per_cpu_start)
	if [ -n "$hyp_field" ] && [ -n "$start" ]; then
		hyp_field=$(add64 "$(sub64 "$hyp_field" "$start")" "$owner_offset")
	else
		hyp_field=
	fi
	for cpu in $cpus; do
		kernel_address=$(kernel_instance "$kernel_field" "$cpu")
		case $asked_mode:$mode in
		*:vhe | *:pkvm)
			address=$kernel_address
			owners_from=kernel
			;;
		pkvm:* | *:unknown) address= ;;
		*)
			address=$(hyp_instance "$hyp_field" "$cpu")
			owners_from=hyp
			;;
		esac
		[ -z "$address" ] || owners="$owners o$cpu=@0x$address:$owner_type"
		[ "$both_instances" = 0 ] || [ "$owners_from" != hyp ] || [ -z "$kernel_address" ] ||
			owners="$owners k$cpu=@0x$kernel_address:$owner_type"
	done
	[ -n "$owners" ] || owners_from=none
	[ -n "$owners" ] || say 'fp_owner cannot be read on this kernel: the capture has no o0, o1, ...'
fi
case " $vcpu_arguments" in
*' owner='*) owners_from=vcpu ;;
esac
last_field=$(address_of fpsimd_last_state)
[ -z "$last_field" ] || last_field=$(add64 "$last_field" "$last_offset")
for cpu in $cpus; do
	address=$(kernel_instance "$last_field" "$cpu")
	[ -z "$address" ] || lasts="$lasts l$cpu=@0x$address:x64"
done

# As what the registers that fpsimd_last_state is about were saved or loaded: what it points at, of as many CPUs as one probe can read.
features=$(sed -n 's/^Features[^:]*: *//p' "$root/proc/cpuinfo" | head -n 1)
transfers=
bound=
spare=$(((max_cpus - read_count) * 2 / 3))
for cpu in $cpus; do
	[ "$spare" -gt 0 ] || break
	spare=$((spare - 1))
	state=$(kernel_instance "$(address_of fpsimd_last_state)" "$cpu")
	[ -n "$state" ] || continue
	if [ -n "$fp_type_offset" ]; then
		transfers="$transfers t$cpu=+0(@0x$(add64 "$state" "$fp_type_offset")):u32"
	elif [ -n "$task_flags" ]; then
		transfers="$transfers f$cpu=$task_flags(@0x$(add64 "$state" "$last_offset")):x32"
	fi
	[ -z "$task_fpsimd_cpu" ] || bound="$bound c$cpu=$task_fpsimd_cpu(@0x$(add64 "$state" "$last_offset")):u32"
	case " $features " in
	*' sme '*) [ -z "$svcr_offset" ] || transfers="$transfers s$cpu=+0(@0x$(add64 "$state" "$svcr_offset")):x32" ;;
	esac
done

# ID registers as the first CPU has them: what is switched depends on features that user space does not see.
machine_facts=
question=
first=\${cpus# }
first=$(kernel_instance "$(address_of cpu_data)" "\${first%% *}")
for register in $id_registers; do
	[ -z "$first" ] || want "\${register%:*}" "$(add64 "$first" "\${register#*:}")" x64
done
[ -z "$question" ] || machine_facts=" $(ask "$question")"
for name in brps wrps pmu; do
	value=$(value_of "$name" "$known")
	[ -z "$value" ] || machine_facts="$machine_facts $name=$value"
done
# Vector lengths: what the kernel found at boot. Without BTF only the default of new processes is known.
for name in sve sme; do
	value=$(value_of "\${name}_vl" "$known")
	upper=$(echo "$name" | tr a-z A-Z)
	[ -n "$value" ] || value=$(printf '%s\\n' "$log" | sed -n "s/.*$upper: maximum available vector length \\([0-9]*\\) bytes.*/\\1/p" | head -n 1)
	case " $features " in
	*" $name "*) [ -z "$value" ] || machine_facts="$machine_facts \${name}_vl=$value" ;;
	esac
	default=$root/proc/sys/abi/\${name}_default_vector_length
	[ ! -r "$default" ] || machine_facts="$machine_facts \${name}_default_vl=$(cat "$default")"
done`;

/** After the probes are set: tracing. */
export const ENABLE_AND_RUN = `
[ -d "$instance/events/fp" ] || die 'no probe could be set: see error_log in tracefs'
echo "$buffer_kb" >"$instance/buffer_size_kb" || say "the trace buffer stays at $(cat "$instance/buffer_size_kb") kB a CPU"
tracepoints_missing=
tracepoints_set=
for name in $tracepoints; do
	if [ -e "$instance/events/$name/enable" ]; then
		echo 1 >"$instance/events/$name/enable"
		tracepoints_set="\${tracepoints_set:+$tracepoints_set,}\${name#*/}"
	else
		tracepoints_missing="\${tracepoints_missing:+$tracepoints_missing,}\${name#*/}"
	fi
done
[ -z "$missing" ] || say "not on this kernel: $missing"
echo 1 >"$instance/events/fp/enable"

output=\${output:-worldswitch-$release-$mode.ftrace}
[ ! -e "$output" ] || die "$output exists; give another name with -o"
: >"$output" || die "cannot write $output"
clock=$(sed -n 's/.*\\[\\(.*\\)\\].*/\\1/p' "$instance/trace_clock" 2>/dev/null)
# Since v7.1, but for VHE, the hypervisor has a trace of its own: entries and exits as EL2 sees them, by the clock of boot.
if [ -w "$hypervisor/tracing_on" ]; then
	if [ "$(cat "$hypervisor/tracing_on")" != 0 ]; then
		say "the hypervisor's trace is taken by somebody else already: it is left alone"
	elif echo boot 2>/dev/null >"$instance/trace_clock"; then
		clock=boot
		hypervisor_output=\${output%.ftrace}.hypervisor.ftrace
		[ ! -e "$hypervisor_output" ] || die "$hypervisor_output exists; give another name with -o"
		hypervisor_is_ours=1
		echo "$buffer_kb" 2>/dev/null >"$hypervisor/buffer_size_kb" || say "the hypervisor's buffer stays at $(cat "$hypervisor/buffer_size_kb") kB a CPU"
		: >"$hypervisor/trace"
		echo 1 >"$hypervisor/events/enable"
		echo 1 >"$hypervisor/tracing_on"
	fi
fi
state=tracing
echo 1 >"$instance/tracing_on"
status=0
if [ $# -gt 0 ]; then
	# In the background, for a shell that waits for a command in the foreground hears no signal.
	exec 3<&0
	"$@" <&3 3<&- &
	workload=$!
	wait "$workload"
	status=$?
	workload=
else
	say 'tracing; press Enter to stop'
	read -r _ || :
fi
finish
exit "$status"
`;
