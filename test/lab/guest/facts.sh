# What the host needs of a kernel, once: its symbols (with nokaslr they are where they are linked), and its types.
/lab/to_host /proc/kallsyms kallsyms
/lab/to_host /sys/kernel/btf/vmlinux vmlinux.btf
dmesg | grep -i -E 'kvm|sve|sme' | sed 's/^/lab: dmesg: /'
