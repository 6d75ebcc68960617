import assert from 'node:assert/strict';
import { checkEndpoint, hostOf } from '../../src/backends/endpoint.ts';

function judge(url: string, allowPlainHttp = false): string {
  const checked = checkEndpoint(url, { allowPlainHttp });
  return checked.ok ? `allowed ${checked.value.origin}` : checked.error.why;
}

const LINK_LOCAL = 'names a link-local address, where cloud metadata services are';
const METADATA = 'names a cloud metadata service';
const NOWHERE = 'names no particular machine; write 127.0.0.1 for this one';
const RESERVED = 'names a multicast, broadcast or reserved address';
const CREDENTIALS = 'has a user name or password in it; store a key as a secret instead';
const plain = (host: string): string =>
  `is plain http to ${host}, which is not this machine; use https, or allow it in your user settings`;

describe('The URL of a backend', () => {
  const table: readonly (readonly [string, string])[] = [
    ['https://api.example.com/v1', 'allowed https://api.example.com'],
    ['https://API.Example.com:443/v1', 'allowed https://api.example.com'],
    ['https://10.0.0.5:8443', 'allowed https://10.0.0.5:8443'],
    ['http://localhost:11434', 'allowed http://localhost:11434'],
    ['http://LOCALHOST.:1', 'allowed http://localhost.:1'],
    ['http://models.localhost', 'allowed http://models.localhost'],
    ['http://127.0.0.1:8080/v1', 'allowed http://127.0.0.1:8080'],
    ['http://127.9.9.9', 'allowed http://127.9.9.9'],
    ['http://2130706433:80', 'allowed http://127.0.0.1'],
    ['http://0x7f.1', 'allowed http://127.0.0.1'],
    ['http://[::1]:1234', 'allowed http://[::1]:1234'],
    ['http://api.example.com/v1', plain('api.example.com')],
    ['http://192.168.1.20:11434', plain('192.168.1.20:11434')],
    ['http://127.0.0.1.evil.example', plain('127.0.0.1.evil.example')],
    ['http://localhost.evil.example', plain('localhost.evil.example')],
    ['http://[::ffff:127.0.0.1]', plain('[::ffff:7f00:1]')],
    ['http://169.254.169.254/latest', LINK_LOCAL],
    ['https://169.254.169.254', LINK_LOCAL],
    ['https://2852039166', LINK_LOCAL],
    ['https://0xa9fea9fe', LINK_LOCAL],
    ['https://[::ffff:169.254.169.254]', LINK_LOCAL],
    ['https://[fe80::1]', LINK_LOCAL],
    ['https://[fd00:ec2::254]', METADATA],
    ['https://metadata.google.internal./x', METADATA],
    ['https://100.100.100.200', METADATA],
    ['https://168.63.129.16', METADATA],
    ['http://0.0.0.0:11434', NOWHERE],
    ['http://[::]:11434', NOWHERE],
    ['http://0:11434', NOWHERE],
    ['https://224.0.0.1', RESERVED],
    ['https://255.255.255.255', RESERVED],
    ['https://[ff02::1]', RESERVED],
    ['https://user:pass@api.example.com', CREDENTIALS],
    ['https://user@api.example.com', CREDENTIALS],
    ['https://@api.example.com', CREDENTIALS],
    ['https://api.example.com@evil.example/v1', CREDENTIALS],
    ['https://api.example.com\\@evil.example', 'allowed https://api.example.com'],
    ['file:///etc/passwd', 'begins with file: where only https: and http: are possible'],
    ['ftp://api.example.com', 'begins with ftp: where only https: and http: are possible'],
    ['javascript:alert(1)', 'begins with javascript: where only https: and http: are possible'],
    ['data:text/plain,x', 'begins with data: where only https: and http: are possible'],
    ['api.example.com/v1', 'is not an absolute URL like https://host/v1'],
    ['localhost:11434', 'begins with localhost: where only https: and http: are possible'],
    ['', 'is not an absolute URL like https://host/v1'],
    ['https://', 'is not an absolute URL like https://host/v1'],
    ['https://exa\tmple.com', 'has a control character in it'],
    ['https://example.com\n', 'has a control character in it'],
    ['https://[fe80::1%25eth0]', 'is not an absolute URL like https://host/v1'],
  ];
  for (const [url, expected] of table) {
    it(`${JSON.stringify(url)}: ${expected}`, () => assert.equal(judge(url), expected));
  }

  it('may be plain http to another machine when the user says so, but not to a metadata service', () => {
    assert.equal(judge('http://192.168.1.20:11434', true), 'allowed http://192.168.1.20:11434');
    assert.equal(judge('http://169.254.169.254', true), LINK_LOCAL);
  });

  it('is named by host and port only', () => {
    assert.deepEqual(['https://me:secret@host.example:8443/path?key=1', 'nonsense'].map(hostOf), [
      'host.example:8443',
      'an unreadable URL',
    ]);
  });
});
