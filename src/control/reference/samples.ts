/** One call in five languages, as it can be run: the token, the client certificate, the key against doing it twice, the refusal. */
import type { OperationModel } from './model.ts'
import { told } from './schema-tree.ts'

export const languages = ['curl', 'TypeScript', 'Python', 'Java', 'Go'] as const
export type SampleLanguage = (typeof languages)[number]
export type Sample = Readonly<Record<SampleLanguage, string>>

/** A call with its values put in. */
export interface Call {
  readonly method: string
  readonly url: string
  /** Headers beside `Authorization`, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** JSON text, or nothing. */
  readonly body?: string
  /** Whether it needs a fresh `Idempotency-Key`. */
  readonly once: boolean
  /** Where the answer is a file: what it is kept as. */
  readonly file?: string
}

const own = new Set(['authorization', 'idempotency-key', 'content-type', 'x-fapi-interaction-id'])

/** The call that a document's own examples make; what has no example stands as its name in braces. */
export const callOf = (operation: OperationModel, gateway: string): Call => {
  const valued = (place: string) =>
    operation.parameters.filter((p) => p.in === place && (p.node.required || place === 'path'))
  const valueOf = (p: OperationModel['parameters'][number]) =>
    p.example ?? p.node.values?.[0] ?? `{${p.node.name}}`
  const path = valued('path').reduce(
    (text, p) => text.replace(`{${p.node.name}}`, valueOf(p)),
    operation.path,
  )
  const search = valued('query').map((p) => `${p.node.name}=${encodeURIComponent(valueOf(p))}`)
  const { body } = operation
  const kinds = operation.answers.flatMap(({ bodies }) => bodies.map(({ media }) => media))
  const [kind] = kinds.some((media) => /[/+]json$/.test(media)) ? [] : kinds
  return {
    method: operation.method,
    url: `${gateway}${path}${search.length === 0 ? '' : `?${search.join('&')}`}`,
    headers: [
      ...(body ? [['Content-Type', body.media] as const] : []),
      ...valued('header')
        .filter((p) => !own.has(p.node.name.toLowerCase()))
        .map((p) => [p.node.name, valueOf(p)] as const),
    ],
    ...(body?.example !== undefined && { body: body.example }),
    once: operation.needs?.idempotency !== undefined,
    ...(kind !== undefined && { file: `answer.${kind.replace(/^.*[/+]/, '')}` }),
  }
}

/** For a POSIX shell: nothing inside expands. */
const shell = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`
/** A string literal that JavaScript, Python, Java and Go read alike. */
const quoted = (value: string) =>
  JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
const indented = (value: string, by: string) => value.replaceAll('\n', `\n${by}`)

const curl = ({ method, url, headers, body, once, file }: Call) =>
  [
    'curl --fail-with-body --cacert portico-ca.pem --cert app.sbx.pem \\',
    ...(method === 'GET' ? [] : [`  -X ${method} \\`]),
    '  -H "Authorization: Bearer $TOKEN" \\',
    ...(once ? ['  -H "Idempotency-Key: $(openssl rand -hex 16)" \\'] : []),
    ...headers.map(([name, value]) => `  -H ${shell(`${name}: ${value}`)} \\`),
    ...(body === undefined ? [] : [`  --data-raw ${shell(body)} \\`]),
    ...(file === undefined ? [] : [`  -o ${file} \\`]),
    `  ${shell(url)}`,
  ].join('\n')

const typescript = ({ method, url, headers, body, once, file }: Call) =>
  `import { readFileSync${file === undefined ? '' : ', writeFileSync'} } from 'node:fs'
import { Agent, request } from 'undici'

const pem = readFileSync('app.sbx.pem')
const dispatcher = new Agent({ connect: { ca: readFileSync('portico-ca.pem'), cert: pem, key: pem } })

const answer = await request(${quoted(url)}, {
  dispatcher,
  method: ${quoted(method)},
  headers: {
    Authorization: \`Bearer \${process.env.TOKEN}\`,
${[
  ...(once ? [`    'Idempotency-Key': crypto.randomUUID(),`] : []),
  ...headers.map(([name, value]) => `    ${quoted(name)}: ${quoted(value)},`),
].join('\n')}
  },${body === undefined ? '' : `\n  body: JSON.stringify(${indented(body, '  ')}),`}
})
${
  file === undefined
    ? `const found = await answer.body.json()
if (answer.statusCode >= 400) throw new Error(\`\${found.code}: \${found.detail}\`)
console.log(found)`
    : `if (answer.statusCode >= 400) throw new Error(await answer.body.text())
writeFileSync('${file}', await answer.body.bytes())`
}`.replaceAll(/headers: \{\n( {4}Authorization.*\n)\n/g, 'headers: {\n$1')

/** A value of JSON as Python writes it. */
const pythonic = (value: unknown, by = ''): string => {
  const inner = `${by}    `
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value))
    return value.length === 0
      ? '[]'
      : `[\n${value.map((v) => `${inner}${pythonic(v, inner)},`).join('\n')}\n${by}]`
  if (typeof value === 'object') {
    const members = Object.entries(value)
    return members.length === 0
      ? '{}'
      : `{\n${members.map(([k, v]) => `${inner}${quoted(k)}: ${pythonic(v, inner)},`).join('\n')}\n${by}}`
  }
  return told(value)
}

const isJson = (body: string): boolean => {
  try {
    JSON.parse(body)
    return true
  } catch {
    return false
  }
}

const python = ({ method, url, headers, body, once, file }: Call) =>
  [
    'import os',
    ...(once ? ['import uuid'] : []),
    'import requests',
    '',
    'answer = requests.request(',
    `    ${quoted(method)},`,
    `    ${quoted(url)},`,
    '    cert="app.sbx.pem",',
    '    verify="portico-ca.pem",',
    '    timeout=30,',
    '    headers={',
    '        "Authorization": f"Bearer {os.environ[\'TOKEN\']}",',
    ...(once ? ['        "Idempotency-Key": str(uuid.uuid4()),'] : []),
    ...headers.map(([name, value]) => `        ${quoted(name)}: ${quoted(value)},`),
    '    },',
    ...(body === undefined
      ? []
      : isJson(body)
        ? [`    json=${pythonic(JSON.parse(body), '    ')},`]
        : [`    data=${quoted(body)},`]),
    ')',
    'if answer.status_code >= 400:',
    '    problem = answer.json()',
    "    raise SystemExit(f\"{problem['code']}: {problem['detail']}\")",
    ...(file === undefined
      ? ['print(answer.json())']
      : [`with open("${file}", "wb") as kept:`, '    kept.write(answer.content)']),
  ].join('\n')

const java = ({ method, url, headers, body, once, file }: Call) =>
  [
    '// openssl pkcs12 -export -in app.sbx.pem -out app.p12 -passout pass:changeit',
    '// keytool -importcert -noprompt -file portico-ca.pem -keystore ca.p12 -storepass changeit',
    '// java -Djavax.net.ssl.keyStore=app.p12 -Djavax.net.ssl.keyStorePassword=changeit \\',
    '//      -Djavax.net.ssl.trustStore=ca.p12 -Djavax.net.ssl.trustStorePassword=changeit Call.java',
    'import java.net.URI;',
    'import java.net.http.*;',
    '',
    'class Call {',
    '    public static void main(String[] args) throws Exception {',
    `        var request = HttpRequest.newBuilder(URI.create(${quoted(url)}))`,
    '            .header("Authorization", "Bearer " + System.getenv("TOKEN"))',
    ...(once
      ? ['            .header("Idempotency-Key", java.util.UUID.randomUUID().toString())']
      : []),
    ...headers.map(([name, value]) => `            .header(${quoted(name)}, ${quoted(value)})`),
    body === undefined
      ? `            .method(${quoted(method)}, HttpRequest.BodyPublishers.noBody())`
      : `            .method(${quoted(method)}, HttpRequest.BodyPublishers.ofString(${quoted(body)}))`,
    '            .build();',
    ...(file === undefined
      ? [
          '        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());',
          '        if (answer.statusCode() >= 400) throw new IllegalStateException(answer.body());',
          '        System.out.println(answer.body());',
        ]
      : [
          '        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());',
          '        if (answer.statusCode() >= 400) throw new IllegalStateException(new String(answer.body()));',
          `        java.nio.file.Files.write(java.nio.file.Path.of("${file}"), answer.body());`,
        ]),
    '    }',
    '}',
  ].join('\n')

const go = ({ method, url, headers, body, once, file }: Call) =>
  [
    'package main',
    '',
    'import (',
    ...[
      ...(once ? ['crypto/rand'] : []),
      'crypto/tls',
      'crypto/x509',
      ...(file === undefined ? ['fmt'] : []),
      'io',
      'log',
      'net/http',
      'os',
      ...(body === undefined ? [] : ['strings']),
    ].map((name) => `\t"${name}"`),
    ')',
    '',
    'func main() {',
    '\tpair, err := tls.LoadX509KeyPair("app.sbx.pem", "app.sbx.pem")',
    '\tif err != nil {',
    '\t\tlog.Fatal(err)',
    '\t}',
    '\tauthority, err := os.ReadFile("portico-ca.pem")',
    '\tif err != nil {',
    '\t\tlog.Fatal(err)',
    '\t}',
    '\troots := x509.NewCertPool()',
    '\troots.AppendCertsFromPEM(authority)',
    '\tclient := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{',
    '\t\tCertificates: []tls.Certificate{pair}, RootCAs: roots,',
    '\t}}}',
    `\trequest, err := http.NewRequest(${quoted(method)}, ${quoted(url)}, ${body === undefined ? 'nil' : `strings.NewReader(${quoted(body)})`})`,
    '\tif err != nil {',
    '\t\tlog.Fatal(err)',
    '\t}',
    '\trequest.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))',
    ...(once ? ['\trequest.Header.Set("Idempotency-Key", rand.Text())'] : []),
    ...headers.map(([name, value]) => `\trequest.Header.Set(${quoted(name)}, ${quoted(value)})`),
    '\tanswer, err := client.Do(request)',
    '\tif err != nil {',
    '\t\tlog.Fatal(err)',
    '\t}',
    '\tdefer answer.Body.Close()',
    '\tfound, err := io.ReadAll(answer.Body)',
    '\tif err != nil || answer.StatusCode >= 400 {',
    '\t\tlog.Fatal(err, string(found))',
    '\t}',
    ...(file === undefined
      ? ['\tfmt.Println(string(found))']
      : [
          `\tif err := os.WriteFile("${file}", found, 0o600); err != nil {`,
          '\t\tlog.Fatal(err)',
          '\t}',
        ]),
    '}',
  ].join('\n')

export const sampleOf = (call: Call): Sample => ({
  curl: curl(call),
  TypeScript: typescript(call),
  Python: python(call),
  Java: java(call),
  Go: go(call),
})
