export { htj2kDecode } from './decode';
export { htj2kEncode } from './encode';
