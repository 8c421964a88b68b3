import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outline } from '../../dhcp-config/outline.ts';
import { archOf } from '../../net/arch.ts';
import type { DriverChange, Reservation } from '../types.ts';
import { partsOf, strongerClasses, takenNames, wantedClasses } from './classes.ts';
import { found, subnetFor, withChanges } from './configuration.ts';
import { type Json, type JsonMap, listOf, mapOf, parseExact, printExact } from './exact-json.ts';

const OUTLINE: Outline = {
  server: '10.0.0.1',
  script: 'http://10.0.0.1/pub/intermediate.ipxe',
  rules: [
    { arches: [archOf(0)], file: 'undionly-ipxe.0', http: false },
    { arches: [archOf(16)], file: 'http://10.0.0.1/httpboot/snponly.efi', http: true },
  ],
  hosts: [
    {
      name: 'loader',
      mac: '52:54:00:00:00:01',
      ip: '10.0.0.5',
      own: {
        loader: 'PXELinux BIOS',
        rules: [{ arches: [archOf(0)], file: 'pxelinux.0', http: false }],
        all: [],
      },
    },
    { name: 'never', mac: '52:54:00:00:00:02', ip: '10.0.0.6', own: { loader: 'None', rules: [], all: [] } },
  ],
  subnets: [],
};

const add = (name: string, mac: string, ip: string): DriverChange => ({
  op: 'add',
  what: 'reservation',
  name,
  reservation: { name, mac, ip },
});
const remove = (name: string): DriverChange => ({ op: 'remove', what: 'reservation', name });
const PART: DriverChange = { op: 'change', what: 'part', name: 'class chainboot-ipxe' };

const BASE: JsonMap = {
  subnet4: [
    {
      id: 1,
      subnet: '10.0.0.0/24',
      reservations: [{ 'hw-address': '52:54:00:00:00:99', 'ip-address': '10.0.0.9' }],
    },
    { id: 2, subnet: '10.0.0.0/16' },
  ],
  'shared-networks': [{ name: 'far', subnet4: [{ id: 3, subnet: '192.0.2.0/24', reservations: [] }] }],
};

describe('reservations', () => {
  it('are put into the narrowest subnet that has the address, wherever it stands', () => {
    const after = withChanges(
      BASE,
      [
        add('a', '52:54:00:00:00:01', '10.0.0.5'),
        add('b', '52:54:00:00:00:02', '192.0.2.5'),
        add('c', '52:54:00:00:00:03', '172.16.0.1'),
      ],
      [],
    );
    const { subnets, ours, foreign } = found(after);
    expect(ours).toEqual([
      { name: 'a', mac: '52:54:00:00:00:01', ip: '10.0.0.5' },
      { name: 'b', mac: '52:54:00:00:00:02', ip: '192.0.2.5' },
    ]);
    expect(foreign).toEqual([{ name: '', mac: '52:54:00:00:00:99', ip: '10.0.0.9' }]);
    expect(listOf(mapOf(listOf(after.subnet4)[0]).reservations)).toHaveLength(2);
    expect(mapOf(listOf(after.subnet4)[1])).not.toHaveProperty('reservations');
    expect(subnetFor(subnets, '10.0.7.7')?.id).toBe(2);
    expect(subnetFor(subnets, undefined)).toBeUndefined();
  });

  it('move from subnet to subnet with their address, and otherwise keep their place and what else they say', () => {
    const first = withChanges(BASE, [add('a', '52:54:00:00:00:01', '10.0.0.5')], []);
    const [subnet] = listOf(first.subnet4).map(mapOf);
    const more = listOf(subnet!.reservations).map((each) => ({ ...mapOf(each), 'server-hostname': 'x' }));
    const edited = {
      ...first,
      subnet4: [{ ...subnet, reservations: more }, ...listOf(first.subnet4).slice(1)],
    };
    const changed = withChanges(edited, [{ ...add('a', '52:54:00:00:00:11', '10.0.0.7'), op: 'change' }], []);
    const [, ours] = listOf(mapOf(listOf(changed.subnet4)[0]).reservations).map(mapOf);
    expect(ours).toMatchObject({
      'hw-address': '52:54:00:00:00:11',
      'ip-address': '10.0.0.7',
      'server-hostname': 'x',
    });
    const moved = withChanges(changed, [{ ...add('a', '52:54:00:00:00:11', '192.0.2.7'), op: 'change' }], []);
    expect(listOf(mapOf(listOf(moved.subnet4)[0]).reservations)).toHaveLength(1);
    expect(found(moved).ours).toEqual([{ name: 'a', mac: '52:54:00:00:00:11', ip: '192.0.2.7' }]);
  });

  it('of others are told by their address where they have no MAC', () => {
    const reservations: Json[] = [
      { 'client-id': '01525400000002', 'ip-address': '10.0.0.7' },
      { duid: '01' },
    ];
    expect(found({ reservations }).foreign).toEqual([
      { mac: 'client-id 01525400000002', ip: '10.0.0.7', name: '' },
      { mac: 'duid 01', name: '' },
    ]);
  });
});

describe('classes', () => {
  const classes = wantedClasses(OUTLINE);

  it('are the same text when Kea answers them with all that it takes for granted', () => {
    const answered = classes.map((each) => ({
      'boot-file-name': '',
      'next-server': '0.0.0.0',
      'option-def': [],
      'server-hostname': '',
      ...each,
      'option-data': listOf(each['option-data']).map((option) =>
        mapOf(option).name === undefined
          ? { 'always-send': false, ...mapOf(option) }
          : { ...mapOf(option), code: 60, 'csv-format': true, space: 'dhcp4' },
      ),
    }));
    expect(partsOf(answered)).toEqual(partsOf(classes));
    expect(Object.keys(partsOf(classes))).toEqual([
      'class chainboot-ipxe',
      'class chainboot-left-alone',
      'class chainboot-host-loader-1',
      'class chainboot-loader-1',
      'class chainboot-loader-2',
    ]);
  });

  it('show whatever somebody has changed in them, their order too', () => {
    const told = partsOf(classes);
    const [ipxe, ...rest] = classes;
    const other = partsOf([{ ...ipxe!, 'valid-lifetime': 60 }, ...rest.toReversed()]);
    expect(other['class chainboot-ipxe']).toBe(`${told['class chainboot-ipxe']}\nvalid-lifetime 60`);
    expect(other['class chainboot-host-loader-1']).toContain('too late, behind chainboot-loader-2');
    expect(other['class chainboot-loader-2']).toBe(told['class chainboot-loader-2']);
  });

  it('stand behind those of others at first, and stay where they were put', () => {
    const [one, two] = [{ name: 'one', 'boot-file-name': 'x' }, { name: 'two' }];
    const names = (dhcp4: JsonMap) => listOf(dhcp4['client-classes']).map((each) => mapOf(each).name);
    const ours = classes.map(({ name }) => name);
    const fresh = withChanges({ 'client-classes': [one, two] }, [PART], classes);
    expect(names(fresh)).toEqual(['one', 'two', ...ours]);
    const between = withChanges({ 'client-classes': [one, classes[0]!, two, classes[1]!] }, [PART], classes);
    expect(names(between)).toEqual(['one', ...ours, 'two']);
    expect(strongerClasses([one, ...classes, two])).toEqual(['one']);
    expect(strongerClasses([...classes, one])).toEqual([]);
    const { 'user-context': _, ...pasted } = classes[0]!;
    expect(takenNames([pasted, one], classes)).toEqual(['chainboot-ipxe']);
  });
});

const plain = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    plain,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const mac = fc.integer({ min: 0, max: 255 }).map((n) => `52:54:00:00:00:${n.toString(16).padStart(2, '0')}`);
const ip = fc
  .tuple(fc.constantFrom('10.0.0', '10.1.0', '192.0.2'), fc.integer({ min: 1, max: 254 }))
  .map(([net, n]) => `${net}.${n}`);
const extras = fc.dictionary(fc.stringMatching(/^x-[a-z]{1,5}$/), json, {
  maxKeys: 3,
  noNullPrototype: true,
});
const foreignReservation = fc
  .tuple(extras, mac, ip)
  .map(
    ([more, hw, address]): JsonMap => ({ ...more, 'hw-address': hw, 'ip-address': address, hostname: 'h1' }),
  );
const ourReservation = fc.tuple(mac, ip, fc.constantFrom('h1', 'h2', 'h3')).map(
  ([hw, address, hostname]): JsonMap => ({
    'hw-address': hw,
    'ip-address': address,
    hostname,
    'user-context': { chainboot: {} },
  }),
);
const reservations = fc.array(fc.oneof(foreignReservation, ourReservation), { maxLength: 6 });
const subnet = (cidr: string) =>
  fc
    .tuple(extras, reservations)
    .map(([more, list]): JsonMap => ({ ...more, subnet: cidr, reservations: list }));
const foreignClass = fc
  .tuple(extras, fc.string())
  .map(([more, name]): JsonMap => ({ ...more, name: `f${name}` }));
const ourClass = fc
  .string()
  .map((name): JsonMap => ({ name: `chainboot-${name}`, 'user-context': { chainboot: {} } }));
const configuration = fc
  .tuple(
    extras,
    subnet('10.0.0.0/24'),
    subnet('10.1.0.0/16'),
    subnet('192.0.2.0/24'),
    fc.array(fc.oneof(foreignClass, ourClass), { maxLength: 6 }),
    reservations,
  )
  .map(
    ([more, one, two, far, classes, global]): JsonMap => ({
      ...more,
      reservations: global,
      'client-classes': classes,
      subnet4: [one, two],
      'shared-networks': [{ name: 'far', ...more, subnet4: [far] }],
    }),
  );
const changes = fc.array(
  fc
    .tuple(fc.constantFrom('h1', 'h2', 'h3', 'h4'), fc.boolean(), mac, ip)
    .map(([name, gone, hw, address]) => (gone ? remove(name) : add(name, hw, address))),
  { maxLength: 4 },
);

/** The configuration without anything that says it is ours. */
function foreignPart(value: Json): Json {
  if (Array.isArray(value))
    return value
      .filter((each) => mapOf(mapOf(each)['user-context']).chainboot === undefined)
      .map(foreignPart);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, foreignPart(each)]));
}

describe('laws', () => {
  it('nothing changes but what is ours, and ours is as planned', () => {
    fc.assert(
      fc.property(configuration, changes, fc.boolean(), (before, planned, parts) => {
        const all = parts ? [...planned, PART] : planned;
        const after = withChanges(before, all, wantedClasses(OUTLINE));
        expect(foreignPart(after)).toEqual(foreignPart(before));
        const { ours } = found(after);
        const last = new Map(planned.map((change) => [change.name, change]));
        const touched = ({ name }: Reservation) => last.has(name);
        expect(ours.filter((each) => !touched(each))).toEqual(
          found(before).ours.filter((each) => !touched(each)),
        );
        for (const { name, op, reservation } of last.values())
          if (op === 'remove' && planned.filter((each) => each.name === name).length === 1)
            expect(ours.filter((each) => each.name === name)).toEqual([]);
          else if (planned.filter((each) => each.name === name).length === 1)
            expect(ours).toContainEqual(reservation);
      }),
      { numRuns: 300 },
    );
  });

  it('a second time changes nothing', () => {
    fc.assert(
      fc.property(configuration, changes, (before, planned) => {
        const once = withChanges(before, [...planned, PART], wantedClasses(OUTLINE));
        expect(withChanges(once, [...planned, PART], wantedClasses(OUTLINE))).toEqual(once);
      }),
      { numRuns: 100 },
    );
  });

  it('JSON goes back as it came, with numbers that JavaScript does not have', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value);
        expect(printExact(parseExact(text))).toBe(text);
      }),
    );
    const text = '{"a":1.0,"b":[9223372036854775807,1e5,-0.50,"1.0 \\" 1.0",true,null],"c":0.5}';
    expect(printExact(parseExact(text))).toBe(text);
    expect(() => parseExact('{"a":')).toThrow(SyntaxError);
  });
});
