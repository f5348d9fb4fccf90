/* Uploading by dropping: one file after another, each with its progress; the form itself works without. */
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("[data-drop]");
    if (!form) return;
    const find = (name) => form.querySelector(`[data-drop-${name}]`);
    const [list, told, input] = [find("list"), find("told"), form.querySelector("input[type=file]")];
    const queue = [];
    let isBusy = false, done = 0, failed = 0, total = 0;

    input.multiple = true;
    find("send").hidden = true; // what is chosen is sent at once
    find("hint").hidden = false;

    const show = (file) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      const bar = document.createElement("progress");
      const word = document.createElement("span");
      name.textContent = file.name;
      [name.className, bar.className, word.className] = ["sent", "bar", "word num"];
      [bar.max, bar.value] = [100, 0];
      bar.setAttribute("aria-label", `Upload of ${file.name}`);
      word.textContent = "waiting";
      row.append(name, bar, word);
      list.append(row);
      return { file, row, bar, word };
    };
    const end = (one, text, isGood) => {
      one.bar.remove();
      one.word.textContent = text;
      one.row.className = isGood ? "good" : "bad";
      isGood ? done++ : failed++;
      isBusy = false;
      next();
    };
    const reasonIn = (page) => {
      const found = page.querySelector("#error-summary li") ?? page.querySelector(".plain .empty > p");
      return found?.textContent.trim() || "It was not taken. Please try again.";
    };
    const refresh = (page, address) => {
      for (const part of document.querySelectorAll("[data-part]")) {
        const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
        if (fresh) part.replaceWith(document.adoptNode(fresh));
      }
      for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
      history.replaceState(null, "", address);
    };
    const send = (one) => {
      const body = new FormData();
      body.append("csrf_token", form.elements.csrf_token.value);
      body.append("file", one.file, one.file.name);
      const request = new XMLHttpRequest(); // fetch tells nothing of how far an upload is
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        one.bar.value = (100 * event.loaded) / event.total;
        one.word.textContent = event.loaded < event.total ? `${Math.floor(one.bar.value)} %` : "storing";
      });
      request.addEventListener("load", () => {
        const page = new DOMParser().parseFromString(request.responseText, "text/html");
        const isGood = request.status < 300 && Boolean(page.querySelector("[data-drop]"));
        if (isGood) refresh(page, request.responseURL);
        end(one, isGood ? "uploaded" : reasonIn(page), isGood);
      });
      request.addEventListener("error", () => end(one, "The connection was lost. Please try again.", false));
      request.open("POST", form.action);
      request.send(body);
    };
    const next = () => {
      const one = queue.shift();
      if (!one) {
        told.textContent = [
          done && `${done} ${done === 1 ? "file is" : "files are"} uploaded.`,
          failed && `${failed} ${failed === 1 ? "was" : "were"} not taken.`,
        ].filter(Boolean).join(" ");
        done = failed = total = 0;
        return;
      }
      isBusy = true;
      told.textContent = `Uploading ${done + failed + 1} of ${total}: ${one.file.name}`;
      const most = Number(form.dataset.mostBytes);
      if (one.file.size > most) end(one, `It is larger than ${Math.floor(most / 1048576)} MB.`, false);
      else send(one);
    };
    const take = (files) => {
      if (!isBusy) list.replaceChildren();
      form.querySelector("#error-summary")?.remove();
      for (const file of files) {
        queue.push(show(file));
        total++;
      }
      if (!isBusy && queue.length) next();
    };

    input.addEventListener("change", () => {
      take([...input.files]);
      input.value = "";
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      input.click();
    });
    let depth = 0; // of the elements that something is held over
    const isFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    addEventListener("dragenter", (event) => { if (isFiles(event) && ++depth) form.classList.add("over"); });
    addEventListener("dragleave", (event) => { if (isFiles(event) && --depth <= 0) form.classList.remove("over"); });
    addEventListener("dragover", (event) => { if (isFiles(event)) event.preventDefault(); });
    addEventListener("drop", (event) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      depth = 0;
      form.classList.remove("over");
      take([...event.dataTransfer.files]);
    });
    addEventListener("beforeunload", (event) => { if (isBusy) event.preventDefault(); });
  });
})();
