// What is measured of a page in the frame; the names on `window` are called by measuring.py.
() => {
  const frame = window.frame;
  const style = (one, part) => frame.contentWindow.getComputedStyle(one, part);
  const name = (one) => [one.tagName.toLowerCase(), ...one.classList].join(".");
  const told = (one) => `${name(one.parentElement)} > ${name(one)} «${one.textContent.trim().slice(0, 30)}»`;
  const box = (one) => one.getBoundingClientRect();

  window.letters_of_page = () => style(frame.contentDocument.documentElement).fontSize;

  // --- scrolling sideways ---
  const scrolls = (one) => style(one).overflowX !== "visible";
  const inside_of_a_scroller = (one) => {
    const body = frame.contentDocument.body;
    for (let up = one.parentElement; up && up !== body; up = up.parentElement) if (scrolls(up)) return true;
    return false;
  };
  const culprits = (page) => {
    const edge = page.documentElement.clientWidth + 0.5;
    const beyond = [...page.body.querySelectorAll("*")].filter((one) => box(one).right > edge);
    return beyond.filter((one) => !beyond.some((other) => other.parentElement === one) && !inside_of_a_scroller(one));
  };
  window.sideways = (widths) => widths.flatMap((width) => {
    frame.style.width = `${width}px`;
    const page = frame.contentDocument;
    const more = page.documentElement.scrollWidth - page.documentElement.clientWidth;
    const why = () => culprits(page).slice(0, 3).map(told).join(", ");
    return more > 0 ? [`scrolls by ${more} px at ${width} px, letters of ${letters_of_page()}: ${why()}`] : [];
  });

  // --- what fingers press ---
  const FINGER = 44, LINE = 24; // px; a short word in a row of links may be narrower than a finger
  const PRESSED = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const shown = (one) => one.checkVisibility({visibilityProperty: true}) && !one.closest(".visually-hidden, .skip");
  // The words of a sentence are as high as its line (WCAG 2.2, 2.5.8): a link in one may be, too.
  const in_a_sentence = (link) => {
    let block = link;
    while (style(block).display === "inline") block = block.parentElement;
    const rest = block.cloneNode(true);
    for (const one of rest.querySelectorAll("a, .visually-hidden")) one.remove();
    return block !== link && /[\p{L}\p{N}]/u.test(rest.textContent);
  };
  const covers = (one) => {
    const after = style(one, "::after");
    return after.content !== "none" && after.position === "absolute" && after.inset === "0px";
  };
  const area = (one) => {
    const labels = /^(radio|checkbox)$/.test(one.type) ? [...one.labels] : [];
    const boxes = [one, ...labels, ...(covers(one) ? [one.offsetParent] : [])].map(box);
    const across = Math.max(...boxes.map((each) => each.right)) - Math.min(...boxes.map((each) => each.left));
    const down = Math.max(...boxes.map((each) => each.bottom)) - Math.min(...boxes.map((each) => each.top));
    return [Math.round(across), Math.round(down)];
  };
  window.too_small = (width) => {
    frame.style.width = `${width}px`;
    return [...frame.contentDocument.querySelectorAll(PRESSED)].flatMap((one) => {
      const link = one.tagName === "A";
      if (!shown(one) || (link && in_a_sentence(one))) return [];
      const [across, down] = area(one);
      const enough = down >= FINGER && across >= (link ? LINE : FINGER);
      return enough ? [] : [`is pressed on ${across} x ${down} px: ${told(one)}`];
    });
  };
}
