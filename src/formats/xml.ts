/** XML with positions: well-formedness by saxes, which knows namespaces; the rest by whoever asks. */

import { SaxesParser, type SaxesTagNS } from 'saxes';
import { type FormatFinding, findings, type Report } from './finding.ts';

export type Element = {
  /** Without its prefix. */
  readonly name: string;
  readonly namespace: string;
  readonly offset: number;
  readonly attributes: readonly {
    readonly name: string;
    readonly namespace: string;
    readonly value: string;
  }[];
  readonly children: Element[];
  /** The text directly in it, CDATA included. */
  text: string;
  /** Where the first character of that text stands. */
  textOffset?: number;
};

export function attributeOf(element: Element, name: string, namespace = ''): string | undefined {
  return element.attributes.find((found) => found.name === name && found.namespace === namespace)?.value;
}

/** What is not well-formed, or else what `check` says of the root element. Never throws. */
export function checkXml(
  text: string,
  check: (root: Element, report: Report) => void = () => {},
): readonly FormatFinding[] {
  return findings((report) => {
    const { root, fault } = parseXml(text);
    if (fault !== undefined) report(fault.offset, 'error', fault.message);
    else if (root === undefined) report(0, 'error', 'there is no element in the text');
    else check(root, report);
  });
}

type Fault = { readonly offset: number; readonly message: string };
type ParsedXml = { readonly root?: Element; readonly fault?: Fault };

const CDATA_END = ']]>'.length;

/** The first fault only: those behind it follow from it. */
export function parseXml(source: string): ParsedXml {
  const parser = new SaxesParser({ xmlns: true });
  const open: Element[] = [];
  let root: Element | undefined;
  let fault: Fault | undefined;
  let tagStart = 0;
  const add = (text: string, offset: number) => {
    const element = open.at(-1);
    if (element === undefined) return;
    // Blanks around CDATA are layout.
    const fresh = element.text.trim() === '';
    if (fresh) element.textOffset = offset;
    if (fresh) element.text = text;
    else if (text.trim() !== '') element.text += text;
  };
  parser.on('error', (error) => {
    fault ??= {
      offset: Math.min(source.length, Math.max(0, parser.position - 1)),
      message: `not well-formed: ${plain(error.message)}`,
    };
  });
  parser.on('opentagstart', () => {
    tagStart = source.lastIndexOf('<', parser.position - 1);
  });
  parser.on('opentag', (tag) => {
    const element = elementOf(tag, tagStart);
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', (text) => add(text, Math.max(0, parser.position - 1 - text.length)));
  parser.on('cdata', (text) => add(text, parser.position - CDATA_END - text.length));
  parser.write(source).close();
  return { ...(root && { root }), ...(fault && { fault }) };
}

/** Its messages begin with the place. */
function plain(message: string): string {
  return message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
}

function elementOf({ local, uri, attributes }: SaxesTagNS, offset: number): Element {
  return {
    name: local,
    namespace: uri,
    offset,
    attributes: Object.values(attributes).map(({ local: name, uri: namespace, value }) => ({
      name,
      namespace,
      value,
    })),
    children: [],
    text: '',
  };
}

/** The element and all below it. */
export function* descendants(element: Element): Generator<Element> {
  yield element;
  for (const child of element.children) yield* descendants(child);
}
