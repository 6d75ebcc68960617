import assert from 'node:assert/strict';
import { checkEndpoint } from '../../src/backends/endpoint.ts';
import { checkBaseUrl } from '../../src/config/base-url.ts';

/** What becomes of an address: by the user's own settings, and by a workspace's. */
const TABLE: readonly (readonly [url: string, user: string, workspace: string])[] = [
  ['https://api.example.com/v1/', 'https://api.example.com/v1', 'https://api.example.com/v1'],
  ['HTTPS://API.Example.COM:443/V1', 'https://api.example.com/V1', 'https://api.example.com/V1'],
  ['https://api.example.com:8443', 'https://api.example.com:8443', 'https://api.example.com:8443'],
  ['https://bücher.example', 'https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
  ['https://10.0.0.5/v1', 'https://10.0.0.5/v1', 'https://10.0.0.5/v1'],
  ['http://127.0.0.1:11434', 'http://127.0.0.1:11434', 'http://127.0.0.1:11434'],
  ['http://localhost:8000/v1', 'http://localhost:8000/v1', 'http://localhost:8000/v1'],
  ['http://[::1]:8000', 'http://[::1]:8000', 'http://[::1]:8000'],
  ['http://2130706433:80', 'http://127.0.0.1', 'http://127.0.0.1'],
  ['http://0x7f.1', 'http://127.0.0.1', 'http://127.0.0.1'],
  ['http://192.168.1.5:8000/v1', 'http://192.168.1.5:8000/v1', 'refused'],
  ['http://api.example.com', 'http://api.example.com', 'refused'],
  ['http://127.0.0.1.evil.example', 'http://127.0.0.1.evil.example', 'refused'],
  ['http://localhost.evil.example', 'http://localhost.evil.example', 'refused'],
  ['https://user@evil.example', 'refused', 'refused'],
  ['https://api.example.com@evil.example/v1', 'refused', 'refused'],
  ['https://@evil.example', 'refused', 'refused'],
  ['https://api.example.com#@evil.example', 'refused', 'refused'],
  ['https://api.example.com?x=1', 'refused', 'refused'],
  ['https://api.example.com\\@evil.example', 'refused', 'refused'],
  ['https://api.exam\tple.com', 'refused', 'refused'],
  ['https://api.example.com\n', 'refused', 'refused'],
  [' https://api.example.com', 'refused', 'refused'],
  ['https://api.example.com./v1', 'refused', 'refused'],
  ['http://169.254.169.254/latest/meta-data', 'refused', 'refused'],
  ['http://2852039166/', 'refused', 'refused'],
  ['http://[::ffff:169.254.169.254]/', 'refused', 'refused'],
  ['http://[fe80::1]/', 'refused', 'refused'],
  ['http://[fe80::1%25eth0]/', 'refused', 'refused'],
  ['http://[fd00:ec2::254]/', 'refused', 'refused'],
  ['http://metadata.google.internal/', 'refused', 'refused'],
  ['http://100.100.100.200/', 'refused', 'refused'],
  ['http://0.0.0.0:11434', 'refused', 'refused'],
  ['http://[::]:11434', 'refused', 'refused'],
  ['http://224.0.0.1', 'refused', 'refused'],
  ['http://255.255.255.255', 'refused', 'refused'],
  ['file:///etc/passwd', 'refused', 'refused'],
  ['ftp://example.com', 'refused', 'refused'],
  ['javascript:alert(1)', 'refused', 'refused'],
  ['data:text/plain,x', 'refused', 'refused'],
  ['ws://example.com', 'refused', 'refused'],
  ['unix:/var/run/x.sock', 'refused', 'refused'],
  ['//api.example.com/v1', 'refused', 'refused'],
  ['api.example.com/v1', 'refused', 'refused'],
  ['https://', 'refused', 'refused'],
  ['', 'refused', 'refused'],
];

describe('Addresses in the roster', () => {
  for (const [url, user, workspace] of TABLE) {
    it(`${JSON.stringify(url)}: ${user === workspace ? user : `${user}, ${workspace} from a workspace`}`, () => {
      const seen = (['user', 'workspace'] as const).map((level) => {
        const checked = checkBaseUrl(url, level);
        return checked.ok ? checked.value.baseUrl : 'refused';
      });
      assert.deepEqual(seen, [user, workspace]);
    });
  }

  it('that are good here are good for the guarded fetch, too', () => {
    for (const [url] of TABLE) {
      for (const level of ['user', 'workspace'] as const) {
        const checked = checkBaseUrl(url, level);
        if (checked.ok)
          assert.equal(
            checkEndpoint(checked.value.baseUrl, { allowPlainHttp: checked.value.isPlainHttp }).ok,
            true,
            url,
          );
      }
    }
  });
});
