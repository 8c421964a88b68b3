import { describe, expect, it } from 'vitest';
import { host, NOW, site } from '../../test/fixtures.ts';
import { render } from '../template/render.ts';
import { previewed, previewText, requireTemplate } from './preview.ts';

const LAYOUT = 'd-i partman-auto/disk string <%= host_param("install-disk", "/dev/vda") %>\n';
const LIBRARY: Readonly<Record<string, string>> = {
  main: 'x\n<%= host_param("own") %>\n',
  broken: 'a\n<%= nope %>\n',
};

function world() {
  const index = site();
  const common = { locked: false, kind: 'provision' } as const;
  for (const [i, [name, template]] of Object.entries(LIBRARY).entries())
    index.put('provisioning_templates', { ...common, id: 900 + i, name, template });
  index.put('ptables', { id: 900, name: 'disks', layout: LAYOUT });
  index.put('ptables', { id: 901, name: 'main', layout: 'of that name\n' });
  return index;
}

async function preview(name: string, kind?: string, parameters = {}): Promise<string> {
  const index = world();
  const library = new Map(index.list('provisioning_templates').map((each) => [each.name, each.template]));
  const pool = { render: async (request: Parameters<typeof render>[0]) => render(request, library) };
  const deps = { site: index, pool, base: 'http://192.0.2.1' as const, now: () => NOW };
  return previewText(deps, previewed(requireTemplate(index, name, kind)), host({ parameters }));
}

describe('a preview', () => {
  it('is of a template, or of a partition table where there is none or it is asked for', async () => {
    expect(await preview('main', undefined, { own: 'y' })).toBe('x\ny\n');
    expect(await preview('main', 'ptable')).toBe('of that name\n');
    expect(await preview('disks')).toBe('d-i partman-auto/disk string /dev/vda\n');
  });

  it('names the place of a fault, and who called', async () => {
    await expect(preview('main', undefined, { own: '<%= snippet("broken") %>' })).rejects.toMatchObject({
      code: 'TEMPLATE_FAILED',
      message: expect.stringContaining(
        "broken:2:5: undefined local variable or macro 'nope', called from parameter own:1, called from main:2",
      ),
    });
  });

  it('of nothing is not found', () => {
    expect(() => requireTemplate(world(), 'absent')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => requireTemplate(world(), 'broken', 'ptable')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
  });
});
