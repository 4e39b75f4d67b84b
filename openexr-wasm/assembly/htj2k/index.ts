export { htj2kDecode } from './decode';
