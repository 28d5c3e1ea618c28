/** The Node that runs the children (it comes with npm). */
import { execFileSync } from 'node:child_process';
import { nodeBinary } from '../../paths.ts';
import { type Check, fail, ok } from '../check.ts';

const NODE_MAJOR = 24;

export const checkNode: Check = () => {
  try {
    const version = execFileSync(nodeBinary(), ['--version'], { encoding: 'utf8' }).trim();
    const isRight = Number.parseInt(version.slice(1), 10) >= NODE_MAJOR;
    return [
      isRight ? ok('Node', version) : fail('Node', `${version} is older than ${NODE_MAJOR}`, 'run: npm ci'),
    ];
  } catch {
    return [fail('Node', 'the Node that comes with the project is not there', 'run: npm ci')];
  }
};
