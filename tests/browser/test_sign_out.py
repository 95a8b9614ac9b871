"""What a browser keeps after the sign-out."""


def test_stored_calls_are_deleted_at_sign_out(page):
    page.evaluate("sessionStorage.setItem('calls', '[1]'); localStorage.setItem('microphone', 'x')")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    assert page.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]
