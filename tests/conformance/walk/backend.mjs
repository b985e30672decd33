// The backend of the walks: what the suite drives, and what the suite does not ask for. usage: node backend.mjs http | stdio
import { serve } from '../serve.mjs';
import { addMore } from './more.mjs';

serve(process.argv[2], addMore);
