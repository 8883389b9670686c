// Pictures of the page for looking at it: node pictures.mjs [FOLDER]. Empty, one item, 2,000 items and cut off, at three
// widths, light and dark; also the engineer's view.

import { mkdir } from "node:fs/promises";
import { openPage, startBrowser } from "./browser.mjs";
import { startStub } from "./stub.mjs";
import { Shop } from "./stub_shop.mjs";

const folder = process.argv[2] ?? new URL("pictures", import.meta.url).pathname;
const only = process.argv[3] ?? "";
const SIZES = [[360, 780], [1024, 768], [1920, 1080]];
const one = () => {
  const shop = new Shop();
  shop.look("LAMP-07", "views", 3, { name: "Brass Desk Lamp", category: "Lighting" });
  shop.purchase({ itemId: "LAMP-07", name: "Brass Desk Lamp", price: 184.5 });
  return shop;
};
const SCENES = [
  { name: "empty", make: () => new Shop() },
  { name: "one", make: one },
  { name: "many", make: () => new Shop({ items: 2000 }) },
  { name: "currencies", make: () => new Shop({ items: 60, currencies: ["EUR", "GBP", "JPY", "KWD"] }) },
  { name: "cut", make: () => new Shop({ items: 2000 }), cut: true },
  { name: "deliveries", make: () => new Shop({ items: 3 }), query: "?view=deliveries&event=evt-dl-1" },
];

await mkdir(folder, { recursive: true });
const browser = await startBrowser();
for (const { name, make, cut, query = "" } of SCENES.filter((scene) => scene.name.startsWith(only))) {
  const stub = await startStub({ shop: make() });
  for (const [width, height] of SIZES) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await openPage(browser, `${stub.url}/${query}`, { colorScheme, viewport: { width, height } });
      await page.locator("[data-link=live]").waitFor();
      if (cut) {
        stub.cut();
        await page.locator("#banner").waitFor();
      }
      if (query) await page.locator("#letters li").first().waitFor();
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` });
      console.log(name, width, colorScheme, sideways > 0 ? `sideways ${sideways}` : "", cut ? "" : page.complaints.join("; "));
      stub.mend();
      await page.context().close();
    }
  }
  await stub.close();
}
await browser.close();
