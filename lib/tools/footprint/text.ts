/** A footprint as text of 80 columns. Names read from BTF are escaped. */

import { formatCount } from '../../text/numbers.ts';
import { pageWidth } from '../../text/page.ts';
import { type Paint, PLAIN } from '../../text/paint.ts';
import { formatTable, left, right } from '../../text/table.ts';
import { labelled, show, wrap } from '../../text/wrap.ts';
import type { Footprint } from './footprint.ts';
import type { KernelLayout, Layout, Side, Total } from './sizes.ts';

export function formatFootprint(result: Footprint, paint: Paint = PLAIN): string {
  const host = `${formatCount(result.vcpus)} vCPUs on ${formatCount(result.cpus)} CPUs`;
  const lines = [
    ...(result.generations === undefined ? [] : generationLines(result.generations, host, paint)),
    ...(result.kernel === undefined ? [] : kernelLines(result.kernel, host, paint)),
    '',
    ...seriesLines(result, host, paint),
  ];
  return `${lines.join('\n')}\n`;
}

function generationLines(generations: readonly Layout[], host: string, paint: Paint): string[] {
  const table = formatTable(
    [
      left('model'),
      right('per vCPU'),
      right('per CPU'),
      { title: 'in all, vhe', align: 'right' },
      { title: 'nvhe, hvhe, pkvm', align: 'right' },
    ],
    generations.map(({ models, vcpu, cpu, total }) => [
      models.length > 1 ? `${models[0]} and ${models.length - 1} more` : `${models[0]}`,
      ...[vcpu.bytes, cpu.bytes, total.vhe, total.nvhe].map(formatCount),
    ]),
  );
  return [
    paint.heading(`Host FP and debug state in bytes, without padding; ${host}`),
    '',
    paint.quiet(table.head),
    ...table.rows,
    '',
    ...wrap(
      'In vhe mode kvm_host_data exists once for each CPU, in the other modes twice: the kernel and the hypervisor have one each.',
      pageWidth(),
    ),
    ...generations.flatMap(({ models, vcpu, cpu }) => [
      '',
      ...wrap(models.join(', '), pageWidth()).map(paint.name),
      ...sideLines('per vCPU', vcpu, paint),
      ...sideLines('per CPU', cpu, paint),
    ]),
  ];
}

function sideLines(label: string, side: Side, paint: Paint): string[] {
  const groups = new Map<string, string[]>();
  for (const { name, bytes } of side.fields) {
    const [struct, member] = name.includes('.') ? name.split('.', 2) : [name, ''];
    const list = groups.get(struct as string) ?? [];
    groups.set(struct as string, [...list, `${show(member || name)}${GLUE}${formatCount(bytes)}`]);
  }
  const fields = [...groups].map(([name, list]) =>
    list.length === 1 ? list[0] : `${show(name)} {${GLUE}${list.join(', ')}${GLUE}}`,
  );
  return labelled(4, 10, label, fields.join(', ') || 'none', paint.quiet).map((line) => line.replaceAll(GLUE, ' '));
}

/** A space at which no line is broken; escaped text does not hold it. */
const GLUE = '\u00a0';

function kernelLines(kernel: KernelLayout, host: string, paint: Paint): string[] {
  const rows = (side: Side, struct: string) =>
    side.fields.map(({ name, bytes, offset }) => [
      `${struct}.${show(name)}`,
      formatCount(offset ?? 0),
      formatCount(bytes),
    ]);
  const structs = formatTable(
    [left('struct'), right('bytes')],
    kernel.structs.map(({ name, bytes }) => [name, formatCount(bytes)]),
  );
  const fields = formatTable(
    [left('field'), right('offset'), right('bytes')],
    [...rows(kernel.vcpu, 'kvm_vcpu_arch'), ...rows(kernel.cpu, 'kvm_host_data')],
  );
  const still = kernel.still_in_vcpu;
  return [
    paint.heading("Sizes in this kernel's BTF"),
    '',
    paint.quiet(structs.head),
    ...structs.rows,
    '',
    paint.quiet(fields.head),
    ...fields.rows,
    '',
    ...wrap(
      `Of it per vCPU ${formatCount(kernel.vcpu.bytes)}, per CPU ${formatCount(kernel.cpu.bytes)}; ${host}: ${totalText(kernel.total)}.`,
      pageWidth(),
    ),
    ...wrap(
      still.fields.length === 0
        ? 'None of the fields that the series moved is left in kvm_vcpu_arch.'
        : `Still in kvm_vcpu_arch, as before the series: ${formatCount(still.bytes)} bytes, ${still.fields.map((name) => show(name)).join(', ')}.`,
      pageWidth(),
    ),
  ];
}

function seriesLines({ series }: Footprint, host: string, paint: Paint): string[] {
  const table = formatTable(
    [left('kvm_vcpu_arch'), left('kvm_host_data'), right('bytes'), left('commit')],
    [
      ...series.moved.map(({ vcpu, cpu, bytes, commit }) => [vcpu, cpu, formatCount(bytes), commit]),
      ['in all', '', formatCount(series.bytes_per_vcpu), ''],
    ],
  );
  const { leave_vcpus: leave, come_to_cpus: come, saved, claim } = series;
  return [
    paint.heading('What the series moved (v6.10)'),
    '',
    paint.quiet(table.head),
    ...table.rows,
    '',
    ...wrap(
      `Its claim: "${claim.words}" (${claim.commit}, host_debug_state alone): ${formatCount(claim.bytes)} bytes.`,
      pageWidth(),
    ),
    ...wrap(
      `${host}: ${formatCount(leave)} bytes leave the vCPUs; the CPUs get ${totalText(come)}; saved: ${totalText(saved)}.`,
      pageWidth(),
    ),
  ];
}

const signed = (bytes: number) => (bytes < 0 ? `-${formatCount(-bytes)}` : formatCount(bytes));
const totalText = ({ vhe, nvhe }: Total) => `${signed(vhe)} (vhe) or ${signed(nvhe)} (nvhe, hvhe, pkvm)`;
