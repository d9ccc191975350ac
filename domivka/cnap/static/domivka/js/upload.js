// Files of a form: looked at as soon as they are chosen, a photo that is too large is made smaller, and the sending shows its
// progress. Without this script the same form is sent as any other, and the server says the same. Words are in data attributes.

const MEGABYTE = 1024 * 1024;
const KINDS = [
  [0xff, 0xd8, 0xff], // jpg
  [0x89, 0x50, 0x4e, 0x47], // png
  [0x25, 0x50, 0x44, 0x46, 0x2d], // pdf
  [0xd0, 0xcf, 0x11, 0xe0], // doc
  [0x50, 0x4b, 0x03, 0x04], // docx
];
const SMALLER = [[3200, 0.85], [2400, 0.8], [1800, 0.75]]; // the longer side in pixels and the quality, until it fits

const said = (text, file) => text.replace("{name}", file.name).replace("{size}", (file.size / MEGABYTE).toFixed(1).replace(".", ","));

async function isOfKind(file) {
  const head = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  return KINDS.some((kind) => kind.every((byte, at) => head[at] === byte));
}

async function smaller(file, limit) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  for (const [side, quality] of SMALLER) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob && blob.size <= limit) return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
  }
  return null;
}

function wordsUnder(input) {
  const place = input.closest("[data-file-drop]") ?? input;
  const id = `${input.id}_words`;
  let words = document.getElementById(id);
  if (!words) {
    words = document.createElement("p");
    words.id = id;
    words.setAttribute("role", "alert");
    place.after(words);
    input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
  }
  return words;
}

async function look(input, form) {
  const limit = Number(form.dataset.each) * MEGABYTE;
  const kept = new DataTransfer();
  const wrong = [];
  const notes = [];
  for (const file of input.files) {
    if (!file.size) wrong.push(said(form.dataset.empty, file));
    else if (!(await isOfKind(file))) wrong.push(said(form.dataset.kind, file));
    else if (file.size <= limit) kept.items.add(file);
    else {
      const less = file.type.startsWith("image/") ? await smaller(file, limit).catch(() => null) : null;
      if (less) {
        kept.items.add(less);
        notes.push(said(form.dataset.smaller, less));
      } else wrong.push(said(form.dataset.large, file));
    }
  }
  if (wrong.length || notes.length) input.files = kept.files;
  const words = wordsUnder(input);
  words.className = wrong.length ? "errorlist" : "muted";
  words.textContent = [...wrong, ...notes].join(" ");
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const bar = form.querySelector("progress");
  const words = form.querySelector("[data-upload-words]");
  const inputs = [...form.querySelectorAll("input[type=file]")];
  let looking = Promise.resolve();

  const stop = (text) => {
    bar.hidden = true;
    form.removeAttribute("aria-busy");
    words.className = "errorlist";
    words.textContent = text;
    form.dispatchEvent(new Event("input", { bubbles: true })); // what was typed is still not saved
    words.focus();
  };

  form.addEventListener("change", (event) => {
    if (event.target.type === "file") looking = looking.then(() => look(event.target, form));
  });

  form.addEventListener("submit", async (event) => {
    if (form.hasAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    if (!inputs.some((input) => input.files.length)) return;
    event.preventDefault();
    const button = event.submitter;
    form.setAttribute("aria-busy", "true");
    await looking;
    const sizes = inputs.flatMap((input) => [...input.files]).map((file) => file.size);
    const total = sizes.reduce((sum, size) => sum + size, Number(form.dataset.used ?? 0));
    if (form.dataset.total && total > Number(form.dataset.total) * MEGABYTE) {
      stop(form.dataset.together);
      return;
    }
    send(new FormData(form, button));
  });

  function send(data) {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (sent) => {
      if (!sent.lengthComputable) return;
      bar.max = sent.total;
      bar.value = sent.loaded;
    });
    request.addEventListener("load", () => {
      if (request.status === 200 && request.getResponseHeader("Content-Type")?.startsWith("application/json")) {
        window.location.assign(JSON.parse(request.responseText).url);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const wrong = [...page.querySelectorAll("main .errorlist li, main .notice.error p")].map((one) => one.textContent.trim());
      stop(wrong.join(" ") || form.dataset.broken);
    });
    request.addEventListener("error", () => stop(form.dataset.broken));
    request.setRequestHeader("X-Upload", "progress");
    bar.hidden = false;
    words.className = "muted";
    words.textContent = form.dataset.sending;
    request.send(data);
  }
}
