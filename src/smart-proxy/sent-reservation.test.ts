import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { site } from '../../test/fixtures.ts';
import { ChainbootError } from '../errors.ts';
import { rangesOf, reservationJson } from './dhcp-records.ts';
import { sentReservation } from './sent-reservation.ts';

const range = rangesOf(site())[0]!;
const GOOD = {
  mac: 'AA-BB-CC-00-11-22',
  ip: '10.77.0.60',
  hostname: 'web',
  nextServer: '',
  filename: 'pxelinux.0',
};

describe('a reservation that was sent', () => {
  it('is kept with all that came, and told back', () => {
    const params = new URLSearchParams({ ...GOOD, network: '10.77.0.0', subnet: 'x', 'vendor<x>': 'y' });
    params.append('related_macs[]', 'aa:bb:cc:00:11:23');
    const kept = sentReservation(params, range);
    expect(kept).toEqual({
      network: '10.77.0.0',
      mac: 'aa:bb:cc:00:11:22',
      ip: '10.77.0.60',
      name: 'web',
      hostname: 'web',
      filename: 'pxelinux.0',
      related: ['aa:bb:cc:00:11:23'],
      more: { 'vendor<x>': 'y' },
    });
    expect(reservationJson(kept, range)).toMatchObject({
      subnet: '10.77.0.0/255.255.255.0',
      type: 'reservation',
      'vendor<x>': 'y',
      related_macs: ['aa:bb:cc:00:11:23'],
    });
  });

  it('cannot pretend to be another kind of record', () => {
    const kept = sentReservation(new URLSearchParams({ ...GOOD, type: 'lease', deleteable: 'false' }), range);
    expect(reservationJson(kept, range)).toMatchObject({ type: 'reservation', deleteable: true });
  });

  it('whatever it holds, is taken or refused', () => {
    const key = fc.oneof(fc.constantFrom(...Object.keys(GOOD), 'related_macs[]', '__proto__'), fc.string());
    const pairs = fc.array(fc.tuple(key, fc.oneof(fc.constantFrom(...Object.values(GOOD)), fc.string())));
    fc.assert(
      fc.property(pairs, (more) => {
        const params = new URLSearchParams([...more, ...Object.entries(GOOD)]);
        try {
          expect(sentReservation(params, range).network).toBe('10.77.0.0');
        } catch (error) {
          expect(error).toBeInstanceOf(ChainbootError);
          expect(error).toMatchObject({ code: 'PROXY_PARAMETER_INVALID' });
        }
      }),
    );
  });
});
