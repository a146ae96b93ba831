# Runs the workload under the capture script as README says, and hands the capture to the host.
cp /lab/capture.sh /tmp/capture.sh
sh capture.sh -o /tmp/capture.ftrace -- sh /lab/workload.sh
status=$?
echo "lab: capture ended with $status"
/lab/to_host /tmp/capture.ftrace capture.ftrace
left="$(ls /sys/kernel/tracing/instances)$(cat /sys/kernel/tracing/kprobe_events)"
[ -z "$left" ] || echo "lab: left behind: $left"
exit $status
