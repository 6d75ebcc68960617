/** The few pictures of the panels, drawn in the colour of the text beside them. */

/** 16 by 16. */
const PATHS = {
  pending: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13Zm0 1.2a5.3 5.3 0 1 0 0 10.6A5.3 5.3 0 0 0 8 2.7Z',
  active: 'M8 1.5a6.5 6.5 0 0 1 6.5 6.5h-1.4A5.1 5.1 0 0 0 8 2.9V1.5Z',
  waiting:
    'M2.5 2h11A1.5 1.5 0 0 1 15 3.500v7A1.5 1.5 0 0 1 13.500 12H8.400l-3.600 2.900V12H2.500A1.500 1.500 0 0 1 1 10.500v-7A1.500 1.500 0 0 1 2.500 2Zm4.900 2v3.600h1.200V4H7.400Zm0 4.700v1.200h1.200V8.700H7.400Z',
  completed:
    'M8 1.500a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13Zm3.100 4.100-3.900 4.200-2.100-2.100-.9.900 3 3 4.800-5.100-.9-.9Z',
  failed:
    'M8 1.500a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13ZM5.800 4.900l-.9.900L7.100 8l-2.200 2.200.9.900L8 8.900l2.200 2.200.9-.9L8.900 8l2.200-2.200-.9-.9L8 7.100 5.800 4.900Z',
  stopped:
    'M8 1.500a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13Zm0 1.200c-1.200 0-2.400.4-3.300 1.100l7.500 7.500A5.300 5.300 0 0 0 8 2.700ZM3.800 4.700a5.300 5.300 0 0 0 7.500 7.500L3.800 4.700Z',
  skipped: 'M2.5 3.5 7 8l-4.5 4.5v-9Zm5.5 0L12.5 8 8 12.5v-9ZM13 3.5h1.3v9H13v-9Z',
  interrupted: 'M8 1.3 15.2 14H.8L8 1.3Zm-.7 4.5v4.4h1.4V5.8H7.3Zm0 5.5v1.4h1.4v-1.4H7.3Z',
  autonomous: 'M9.5 1 3.5 9h3.7L6.3 15l6.2-8.2H8.7L9.5 1Z',
  interactive: 'M8 1.8A3.1 3.1 0 1 1 8 8a3.1 3.1 0 0 1 0-6.2ZM8 9.2c3.4 0 5.7 1.9 5.7 5H2.3c0-3.1 2.3-5 5.7-5Z',
  hybrid:
    'M8 1.8A3.1 3.1 0 1 1 8 8a3.1 3.1 0 0 1 0-6.2ZM8 3a1.9 1.9 0 1 0 0 3.8A1.9 1.9 0 0 0 8 3Zm0 6.2c3.4 0 5.7 1.9 5.7 5H2.3c0-3.1 2.3-5 5.7-5Zm0 1.2c-2.4 0-4 1-4.4 2.6h8.8c-.4-1.6-2-2.6-4.4-2.6Z',
} as const;

export type IconName = keyof typeof PATHS;

const SVG = 'http://www.w3.org/2000/svg';

/** Decoration: the words beside it say what it means. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon', `icon-${name}`);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  path.setAttribute('fill', 'currentColor');
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}
