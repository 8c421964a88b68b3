/** Text for the consoles of boot loaders: each has its own idea of what may stand in a line. */

/**
 * Text as the arguments of an iPXE `echo`. iPXE has no quoting: it expands `${…}`, ends a command at a word
 * `&&` or `||`, drops what follows a word that starts with `#`, and joins a line that ends in a back-slash with
 * the next one. Its console shows ASCII only.
 */
export function ipxeWords(text: string): string {
  return plain(text)
    .replace(/\$(?=\{)/g, '$ ')
    .replace(/&(?=&)/g, '& ')
    .replace(/\|(?=\|)/g, '| ')
    .replace(/(?<!\S)#/g, "'#")
    .replace(/^ |[\\ ]+$/g, '');
}

/** One line of ASCII. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[^\x20-\x7e]+/g, '?');
}

/** Broken at blanks; a longer word stays whole. */
export function wrapped(text: string, width = 76): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of plain(text).trim().split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
