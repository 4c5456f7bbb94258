/** RFC 7591 §3.2.2: how a registration is refused. */
import { type FieldError, Problem } from '#kernel/problem.ts'

export type RefusalWord =
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement'
  | 'unapproved_software_statement'
  | 'invalid_token'
  | 'access_denied'
  | 'temporarily_unavailable'
  | 'server_error'

export class RegistrationRefusal extends Error {
  override readonly name = 'RegistrationRefusal'
  readonly word: RefusalWord
  /** RFC 6901, into the metadata that was sent. */
  readonly pointer: string | undefined

  constructor(word: RefusalWord, description: string, pointer?: string) {
    super(description)
    this.word = word
    this.pointer = pointer
  }
}

export const metadataInvalid = (description: string, pointer: string): RegistrationRefusal =>
  new RegistrationRefusal(
    pointer.startsWith('/redirect_uris') ? 'invalid_redirect_uri' : 'invalid_client_metadata',
    description,
    pointer,
  )

/** Control's names of places → those of the metadata. */
const places: readonly (readonly [RegExp, string])[] = [
  [/^\/redirectUris/, '/redirect_uris'],
  [/^\/grantTypes/, '/grant_types'],
  [/^\/authorizationDetailsTypes/, '/authorization_details_types'],
  [/^\/(scopes|products)(\/.*)?$/, '/scope'],
  [/^\/csr/, '/certificate_request'],
  [/^\/name/, '/client_name'],
  [/^\/authentication/, '/token_endpoint_auth_method'],
]

const pointerOf = ({ pointer }: FieldError): string => {
  const place = places.find(([pattern]) => pattern.test(pointer))
  return place ? pointer.replace(place[0], place[1]) : pointer
}

/** What control refused, in the words of the RFC. */
export const refusalOf = (failure: Problem): RegistrationRefusal => {
  const [wrong] = failure.particulars.errors ?? []
  if (wrong) return metadataInvalid(`${failure.detail}: ${wrong.detail}`, pointerOf(wrong))
  switch (failure.code) {
    case 'partners/registration-token-invalid':
      return new RegistrationRefusal('invalid_token', failure.detail)
    case 'partners/csr-refused':
      return metadataInvalid(failure.detail, '/certificate_request')
    case 'partners/changed-in-portal':
      return metadataInvalid(`${failure.title}: ${failure.detail}`, '')
  }
  if (failure.status >= 500)
    return new RegistrationRefusal(
      failure.status === 503 ? 'temporarily_unavailable' : 'server_error',
      'applications cannot be registered now; try again later',
    )
  return new RegistrationRefusal('access_denied', `${failure.title}: ${failure.detail}`)
}

export const statusOf: Readonly<Record<RefusalWord, number>> = {
  invalid_redirect_uri: 400,
  invalid_client_metadata: 400,
  invalid_software_statement: 400,
  unapproved_software_statement: 400,
  invalid_token: 401,
  access_denied: 403,
  temporarily_unavailable: 503,
  server_error: 500,
}
