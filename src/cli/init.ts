/** placeholder */
import type { AddCommand } from './main.ts';
export const initCommand: AddCommand = () => {};
