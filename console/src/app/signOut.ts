/** Ends the session and leaves the page: nothing of what was read stays in it. */
export function signOut() {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = '/sign-out'
  document.body.append(form)
  form.submit()
}
