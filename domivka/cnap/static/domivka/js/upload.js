// The progress of an upload. Without this script the same form is sent as any other.

const megabyte = 1024 * 1024;

for (const form of document.querySelectorAll("form[data-upload]")) {
  const bar = form.querySelector("progress");
  const words = form.querySelector("[data-upload-words]");
  form.addEventListener("submit", (event) => {
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    if (!files.length) return;
    if (form.dataset.each && files.some((file) => file.size > Number(form.dataset.each) * megabyte)) {
      event.preventDefault();
      words.textContent = form.dataset.tooLarge;
      return;
    }
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (sent) => {
      if (!sent.lengthComputable) return;
      bar.hidden = false;
      bar.max = sent.total;
      bar.value = sent.loaded;
      words.textContent = `${Math.floor((100 * sent.loaded) / sent.total)} %`;
    });
    const broken = () => {
      bar.hidden = true;
      words.textContent = form.dataset.broken;
    };
    request.addEventListener("load", () => {
      if (request.status === 200) window.location.assign(request.response?.url ?? window.location.href);
      else broken();
    });
    request.addEventListener("error", broken);
    request.responseType = "json";
    request.setRequestHeader("X-Upload", "progress");
    request.send(data);
  });
}

for (const zone of document.querySelectorAll("[data-file-drop]")) {
  const input = zone.querySelector("input[type=file]");
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    input.files = event.dataTransfer.files;
  });
}
