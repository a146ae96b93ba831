/**
 * The report, format 2: what a replay found. Every output format is a projection of this object. It is deterministic:
 * keys in this order, maps sorted, no clock, no path, no host name.
 */

export type Verdict = 'pass' | 'fail' | 'inconclusive';
/** error: a kernel bug or corrupt data; warning: the kernel warns, or it is wasteful; suspicious: needs a human. */
export type Severity = 'error' | 'warning' | 'suspicious';

/** Where in the trace something happened. `ts` in ns: a string above 2^53-1. */
export interface Place {
  /** Index in `inputs`. */
  readonly input: number;
  readonly line: number;
  readonly ts?: number | string;
  readonly cpu?: number;
  readonly vm?: number;
  readonly vcpu?: number;
  /** Name of the event. */
  readonly event: string;
}

export interface Violation extends Place {
  readonly rule: string;
  readonly severity: Severity;
  /** What happened, in a sentence. */
  readonly message: string;
  readonly expected: readonly string[];
  /** The state before the event. */
  readonly state: Readonly<Record<string, string>>;
  /** Kernel function in which it happened. */
  readonly source: string;
  /** Number of its cause in `causes`; 0 where it is not reported. */
  readonly cause: number;
  /** Later violations of the rule with the same root cause, which are not listed. */
  followed: number;
}

export interface Transition extends Place {
  /** Which copy of fp_owner: a symbol of struct kvm_host_data, or the vCPU's own field. */
  readonly instance: string;
  readonly from: string;
  readonly to: string;
  /** The step that wrote it: load, ctxflush, fp_trap, ... */
  readonly cause: string;
}

/** A value read inside a kernel that the emulator does not predict. */
export interface Divergence extends Place {
  readonly field: string;
  readonly observed: string;
  readonly predicted: string;
  /** Number of its cause in `causes`. */
  readonly cause: number;
  /** The last events of that CPU and vCPU that led there, oldest first: "line 12: vcpu_load cpu=0 vm=0 vcpu=1". */
  readonly recent: readonly string[];
}

/** One step of the chain from a cause to what it does. `event` is absent where only its line is known. */
export interface CauseStep extends Omit<Place, 'event'> {
  readonly event?: string;
  /** Kernel function; '' where it is hardware, or the guest. */
  readonly source: string;
  /** wrote, read, should have saved, overwrote, returned to user, ... */
  readonly verb: string;
  readonly text: string;
}

/** Where what the kernel believes and what the registers hold part first, and all that comes of it. */
export interface Cause {
  /** From 1, in the order of their first violations that are reported. */
  readonly cause: number;
  /** The same for the same fault in another trace, or under another kernel. */
  readonly kind: string;
  readonly title: string;
  /** What parted: "fp_owner of CPU 0". */
  readonly entity: string;
  /** The worst of its violations. */
  readonly severity: Severity;
  /** CPUs on which it shows. */
  readonly cpus: readonly number[];
  /** At most eight, from where it began. */
  readonly steps: readonly CauseStep[];
  /** Rule -> how many violations, followers included; "diverged" -> values that diverge from the model. */
  readonly consequences: Readonly<Record<string, number>>;
  /** With `--explain`: single switches of the model that make all of it vanish, the likeliest first. */
  readonly prevented_by?: readonly Prevention[];
}

export interface Prevention {
  readonly switch: string;
  readonly value: string;
  /** Models that have this value. */
  readonly models: readonly string[];
  /** Kernel function and commit of the switch, where they are known. */
  readonly source: string;
  readonly commit?: string;
}

/** Which single switch of the profile, if any, explains a divergence; of `replay --explain`. */
export interface Explanation {
  /** Which divergence it is. */
  readonly input: number;
  readonly line: number;
  readonly cpu?: number;
  readonly field: string;
  /** The best first: with this value of the switch a kernel holds what was observed. */
  readonly switches: readonly {
    readonly switch: string;
    readonly value: string;
    /** Models that have this value. */
    readonly models: readonly string[];
    /** Observed values in the whole trace that still diverge. */
    readonly diverged: number;
  }[];
}

/**
 * `bytes` of register payload moved, where the primitive moves any. Where the trace does not tell everything, `least` and `most`
 * are what the kernel can have executed (no `most`: any number), and `count` is what it most likely did. Only in `cost.total`.
 */
export interface Cost {
  count: number;
  bytes?: number;
  least?: number;
  most?: number;
}
export type Costs = Record<string, Cost>;

export interface Report {
  readonly format: 2;
  readonly model: { readonly name: string; readonly mode: string };
  readonly inputs: readonly { readonly name: string; readonly lines: number; readonly events: number }[];
  readonly verdict: Verdict;
  /** Why the verdict is not `pass`, most important first. */
  readonly reasons: readonly string[];
  /** The replay ended before its input; `reasons` says why. Absent where it did not. */
  readonly partial?: true;
  /** What the trace says that it shows, and what it hides; absent where it is complete. */
  readonly records?: {
    /** Kinds of event that it shows wherever they happen; absent: all, but for single events that may have happened. */
    readonly shows?: readonly string[];
    /** Kinds that may have happened unseen, those that leave most open first. */
    readonly hides: readonly {
      readonly kind: string;
      /** Where one may have happened and nothing tells, and checks that would have come out otherwise. */
      readonly places: number;
      readonly checks: number;
      /** What shows it. */
      readonly shown_by: string;
    }[];
  };
  /** The least and the greatest time of its events, in ns: strings above 2^53-1. Absent where none has a time. */
  readonly span?: { readonly from: number | string; readonly to: number | string };
  /** What of the trace is reported, as the options say it; absent where that is all of it. Everything was replayed. */
  readonly filter?: {
    /** Option -> value. */
    readonly options: Readonly<Record<string, string>>;
    /** How many events of the trace that leaves. */
    readonly events: number;
  };
  /** Events by name, implied ones not counted. */
  readonly events: Readonly<Record<string, number>>;
  readonly transitions: {
    readonly total: number;
    readonly by_edge: Readonly<Record<string, number>>;
    readonly by_cause: Readonly<Record<string, number>>;
    /** CPU -> edge -> count. */
    readonly by_cpu: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  /** Switches of the debug registers (one into the guest or back to the host each), and edges of who they belong to. */
  readonly debug: { readonly switches: number; readonly by_edge: Readonly<Record<string, number>> };
  /** What the violations and divergences come of. */
  readonly causes: readonly Cause[];
  readonly violations: readonly Violation[];
  /** By rule: all of them, those listed above, and those that only followed from a listed one. */
  readonly violation_counts: Readonly<
    Record<string, { readonly total: number; readonly listed: number; readonly followed: number }>
  >;
  readonly cost: {
    readonly total: Costs;
    /** Event name -> costs; implied steps under the event that implied them. */
    readonly by_event: Readonly<Record<string, Costs>>;
    readonly by_cpu: Readonly<Record<string, Costs>>;
    /** "VM/VCPU" -> costs, of the events while that vCPU was loaded on the CPU. */
    readonly by_vcpu: Readonly<Record<string, Costs>>;
    readonly sysregs: Readonly<Record<string, { readonly read: number; readonly write: number }>>;
    /** Why counts of `total` are intervals, and which probe would settle it; absent where all of them are certain. */
    readonly doubts?: readonly {
      readonly why: string;
      readonly shown_by: string;
      readonly primitives: readonly string[];
    }[];
  };
  readonly observations: {
    /** Values compared with the emulator's. */
    readonly checked: number;
    readonly diverged: number;
    /** Values taken over because the emulator did not know. */
    readonly learned: number;
    /** Field -> the same three counts. */
    readonly by_field: Readonly<
      Record<string, { readonly checked: number; readonly diverged: number; readonly learned: number }>
    >;
    /** The first ones. */
    readonly diverging: readonly Divergence[];
  };
  readonly coverage: {
    readonly rules_fired: readonly string[];
    readonly steps_hit: readonly string[];
  };
  readonly ledger: {
    /** Lines that are no events of the format, left out with `--keep-going`; absent where there are none. */
    readonly skipped_lines?: number;
    /** Steps supplied because a coarse trace leaves them out. */
    readonly implied: number;
    /** Events marked as deduced. */
    readonly inferred: number;
    /** Events that the trace says are missing. */
    readonly lost: number;
    readonly unknown_events: Readonly<Record<string, number>>;
    readonly unknown_fields: Readonly<Record<string, number>>;
    /** Events of the format whose steps the emulator does not have. */
    readonly not_modelled: Readonly<Record<string, number>>;
    /** Steps that could not be followed because the state is unknown. */
    readonly unfollowed: Readonly<Record<string, number>>;
    /** Rule -> how often the model is known to be weakly ordered there; violations with --strict only. */
    readonly weak_orderings: Readonly<Record<string, number>>;
    /** Rule -> how often it could not be evaluated because a value was unknown. */
    readonly skipped_checks: Readonly<Record<string, number>>;
    /** KVM_GET/SET_ONE_REG that return an error, by error. */
    readonly refused: Readonly<Record<string, number>>;
    readonly assumptions: Readonly<Record<string, number>>;
    /** Events whose ts is below that of the event before them. */
    readonly unordered_ts: number;
  };
  /** With `--explain`: one for each of `observations.diverging`, in that order. */
  readonly explanations?: readonly Explanation[];
}
