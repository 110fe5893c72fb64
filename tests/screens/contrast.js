// Text that does not stand out from what lies behind it, or from paper (WCAG 1.4.3), each with its ratio.
(onPaper) => {
  const UNSEEN = "[aria-disabled=true], .visually-hidden, .skip";
  const rgba = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [R, G, B]) => [[r, R], [g, G], [b, B]].map(([one, under]) => one * a + under * (1 - a));
  const behind = (one) => {
    const layers = [];
    for (let up = one; up; up = up.parentElement) {
      const look = getComputedStyle(up);
      if (look.backgroundImage !== "none") return null; // a picture, of many colours
      layers.push(rgba(look.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const linear = (one) => (one / 255 <= 0.03928 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const wrong = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    if (!text || !one.checkVisibility() || one.closest(UNSEEN)) continue;
    const ground = onPaper ? [255, 255, 255] : behind(one);
    if (!ground) continue;
    const look = getComputedStyle(one);
    const [darker, lighter] = [light(over(rgba(look.color), ground)), light(ground)].sort((a, b) => a - b);
    const size = parseFloat(look.fontSize);
    const least = size >= 24 || (size >= 18.66 && look.fontWeight >= 600) ? 3 : 4.5;
    const ratio = (lighter + 0.05) / (darker + 0.05);
    if (ratio < least) wrong.add(`${ratio.toFixed(1)}: ${one.tagName}.${one.className} «${text.slice(0, 30)}»`);
  }
  return [...wrong];
}
