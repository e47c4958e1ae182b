// A picture of a QR code: decoded here, where a damaged one harms nobody, and handed to the shell as shades of grey.

/** The longer side of what the shell reads, in pixels. */
const LONGEST = 1024;

/** Decodes a picture file; fails if it is none. */
export async function shadesOfGrey(file) {
  const image = new Image();
  image.src = await dataUrl(file);
  await image.decode();
  const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
  const [width, height] = [image.naturalWidth, image.naturalHeight].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  let grey = "";
  for (let at = 0; at < data.length; at += 4) grey += String.fromCharCode((data[at] * 54 + data[at + 1] * 183 + data[at + 2] * 19) >> 8);
  return { width, grey: btoa(grey) };
}

function dataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
