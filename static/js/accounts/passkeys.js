// Passkeys: allauth's script asks the browser; this starts it at a form's button and says in words what went wrong.
(() => {
  const say = (text) => document.dispatchEvent(new CustomEvent("holdout:say", { detail: { region: "alert", text } }));
  const WORDS = {
    InvalidStateError: "This device already holds a passkey for your account.",
    NotAllowedError: "Nothing was confirmed. It was cancelled or took too long. Try again, or use another way.",
    SecurityError: "Passkeys work only under the site's own name: not under a number such as 127.0.0.1.",
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("button");
    button.id ||= `passkey-button-${form.dataset.passkey}`;
    const ids = {
      credential: form.querySelector("[name=credential]").id,
      passwordless: form.querySelector("[name=passwordless]")?.id,
      data: "passkey-options",
    };
    for (const role of ["add", "authenticate", "login"]) ids[role] = button.id;
    // The form is sent by the script once the browser has answered; Enter in a field asks the browser too.
    form.addEventListener("submit", (event) => event.preventDefault());
    if (window.PublicKeyCredential) window.allauth.webauthn.forms[form.dataset.passkey]({ ids });
    else button.addEventListener("click", () => say("This browser doesn't support passkeys. Use another way."));
  }

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    say(WORDS[event.detail.exception?.name] ?? "That didn't work. Try again, or use another way.");
  });
})();
