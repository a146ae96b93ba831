/** What a module exports of which there is the text only. */
export async function importText<Exports>(text: string): Promise<Exports> {
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as Exports;
}
