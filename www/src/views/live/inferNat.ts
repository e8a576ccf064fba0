/** In a module of its own, so that what is fetched for it is not what another view needs of the engine. */
export { inferNat } from 'icelens';
