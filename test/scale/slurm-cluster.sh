#!/usr/bin/env bash
# A Slurm cluster of two nodes on one machine, for slurm.ts. Needs root, and Debian's packages slurm-wlm and munge.
#   slurm-cluster.sh start DIR    prints the SLURM_CONF to export
#   slurm-cluster.sh kill DIR N   node nN is gone: its slurmd, and everything of the jobs that run there
#   slurm-cluster.sh stop DIR     ends what start has started
set -euo pipefail
dir=$(mkdir -p "$2" && cd "$2" && pwd)
export SLURM_CONF=$dir/slurm.conf

# A process and all below it, from the leaves up; by SIGKILL, as a node that loses its power.
kill_tree() {
  local child
  for child in $(ps -o pid= --ppid "$1"); do kill_tree "$child"; done
  kill -KILL "$1" 2>/dev/null || true
}

case $1 in
start)
  mkdir -p "$dir"/{state,spool,log,run} /run/munge
  [ -s /etc/munge/munge.key ] || { dd if=/dev/urandom of=/etc/munge/munge.key bs=1 count=1024 status=none; chmod 400 /etc/munge/munge.key; }
  chown munge: /run/munge /etc/munge/munge.key
  munge -n >/dev/null 2>&1 || su -s /bin/sh munge -c /usr/sbin/munged
  # cred_expire: a job whose node is gone waits for so many seconds before it is requeued, else for two minutes.
  cat >"$SLURM_CONF" <<CONF
ClusterName=local
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=17000
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=cred_expire=10
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/run/ctld.pid
SlurmdPidFile=$dir/run/%n.pid
SlurmctldLogFile=$dir/log/ctld.log
SlurmdLogFile=$dir/log/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=10
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
NodeName=n[1-2] NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=17001-17002 CPUs=1 RealMemory=4096 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  slurmctld
  sleep 2
  for n in n1 n2; do slurmd -N "$n"; done
  for _ in $(seq 30); do [ "$(sinfo -h -N -t idle -o %N 2>/dev/null | wc -l)" = 2 ] && break; sleep 1; done
  echo "$SLURM_CONF" ;;
kill)
  jobs=$(squeue -h -t running -w "n$3" -o %A)
  kill -KILL "$(cat "$dir/run/n$3.pid")"
  for job in $jobs; do
    # slurmstepd calls itself "slurmstepd: [JOB.batch]".
    for pid in $(ps -eo pid=,args= | awk -v job="[$job." '$2 == "slurmstepd:" && index($3, job) == 1 { print $1 }'); do kill_tree "$pid"; done
  done
  echo "$jobs" ;;
stop)
  scancel --quiet --state=pending,running --user="$(id -un)" 2>/dev/null || true
  for name in n1 n2 ctld; do [ -s "$dir/run/$name.pid" ] && kill "$(cat "$dir/run/$name.pid")" 2>/dev/null || true; done ;;
*) echo "usage: $0 start|kill|stop DIR [N]" >&2; exit 2 ;;
esac
