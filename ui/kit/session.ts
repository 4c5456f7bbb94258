/** Who is signed in here. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { read, request } from './api.ts'

export const useMe = <Me>() =>
  useQuery({ queryKey: ['me'], queryFn: () => read<Me>('/api/me'), retry: false })

export const useSignOut = () => {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => request<void>('DELETE', '/api/sessions/current'),
    onSettled: () => {
      queries.clear()
      void navigate({ to: '/sign-in' })
    },
  })
}

/** Where to go after the sign-in: a path of this front, never another address. */
export const nextPlace = (otherwise: string): string => {
  const next = new URLSearchParams(location.search).get('next')
  return next !== null && /^\/(?![/\\])/.test(next) ? next : otherwise
}
