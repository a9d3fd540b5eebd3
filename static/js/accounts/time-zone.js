// The browser knows where it is: a new account takes its time zone, the settings offer it with one click. Without
// scripts the account has UTC, and the list is there.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const field of document.querySelectorAll("[data-takes-time-zone]")) field.value = zone;
  for (const offer of document.querySelectorAll("[data-offers-time-zone-for]")) {
    const list = document.getElementById(offer.dataset.offersTimeZoneFor);
    const found = [...list.options].find((option) => option.value === zone);
    if (!found || found.selected) continue;
    offer.textContent = `Use ${found.text}, as this device does`;
    offer.hidden = false;
    offer.addEventListener("click", () => {
      found.selected = true;
      list.form.requestSubmit();
    });
  }
})();
