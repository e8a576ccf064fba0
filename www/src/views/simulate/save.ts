/** Gives a text or bytes to the browser as a file to keep. */
export function save(name: string, content: string | Uint8Array, type = 'application/json') {
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
