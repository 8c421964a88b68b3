/** Answer files of Windows Setup. (Microsoft, "Unattended Windows Setup Reference") */

import { nearest } from '../inventory/nearest.ts';
import { type FormatFinding, orRather, type Report } from './finding.ts';
import { attributeOf, checkXml, type Element } from './xml.ts';

const UNATTEND = 'urn:schemas-microsoft-com:unattend';
const PASSES = [
  'windowsPE',
  'offlineServicing',
  'generalize',
  'specialize',
  'auditSystem',
  'auditUser',
  'oobeSystem',
];
const CHILDREN = ['settings', 'servicing', 'offlineImage'];
const COMPONENT = ['name', 'processorArchitecture', 'publicKeyToken', 'language', 'versionScope'];
const ARCHITECTURES = ['amd64', 'x86', 'arm', 'arm64', 'wow64', 'ia64'];

export function checkUnattend(text: string): readonly FormatFinding[] {
  return checkXml(text, (root, report) => {
    if (root.name !== 'unattend' || root.namespace !== UNATTEND) {
      report(root.offset, 'error', `the root element must be <unattend xmlns="${UNATTEND}">`);
      return;
    }
    for (const child of root.children) {
      if (!CHILDREN.includes(child.name))
        report(
          child.offset,
          'error',
          `<${child.name}> does not belong here${orRather(nearest(child.name, CHILDREN))}`,
        );
      if (child.name === 'settings') checkSettings(child, report);
    }
  });
}

function checkSettings(settings: Element, report: Report): void {
  const pass = attributeOf(settings, 'pass');
  if (pass === undefined) report(settings.offset, 'error', '<settings> needs a pass');
  else if (!PASSES.includes(pass))
    report(settings.offset, 'error', `there is no pass "${pass}"${orRather(nearest(pass, PASSES))}`);
  const seen = new Set<string>();
  for (const component of settings.children) {
    if (component.name !== 'component') {
      report(component.offset, 'error', `<${component.name}> does not belong in <settings>`);
      continue;
    }
    checkComponent(component, report);
    const key = `${attributeOf(component, 'name')} ${attributeOf(component, 'processorArchitecture')}`;
    if (seen.has(key)) report(component.offset, 'error', 'this component is in the same pass already');
    seen.add(key);
  }
}

function checkComponent(component: Element, report: Report): void {
  for (const name of COMPONENT)
    if (attributeOf(component, name) === undefined)
      report(component.offset, 'error', `<component> needs ${name}`);
  const architecture = attributeOf(component, 'processorArchitecture');
  if (architecture !== undefined && !ARCHITECTURES.includes(architecture))
    report(
      component.offset,
      'error',
      `there is no processorArchitecture "${architecture}"${orRather(nearest(architecture, ARCHITECTURES))}`,
    );
}
